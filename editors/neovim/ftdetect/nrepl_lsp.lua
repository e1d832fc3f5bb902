vim.filetype.add({ extension = { lpy = "clojure" } }) -- Basilisp reads like Clojure
