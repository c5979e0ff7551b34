// The shop's own statistics: one message per page, after the visitor allowed it.
"use strict";
document.documentElement.dataset.counted = "yes";
fetch("/count", { method: "POST", body: location.pathname });
