# The console of staff.

console-name = Console
