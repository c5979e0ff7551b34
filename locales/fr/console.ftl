# La console du personnel.

console-name = Console
