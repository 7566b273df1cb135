# Diagnostics by R's posterior package. Input: JSON {name: [[draws of a chain], ...], ...} in the file named by the argument; output: JSON.
suppressPackageStartupMessages(library(posterior))
suppressPackageStartupMessages(library(jsonlite))
arrays <- fromJSON(commandArgs(trailingOnly = TRUE)[1], simplifyVector = TRUE)
cases <- lapply(names(arrays), function(name) {
  x <- t(arrays[[name]])
  list(
    name = name, rhat = rhat(x), bulk = ess_bulk(x), tail = ess_tail(x), mean = ess_mean(x), mcse = mcse_mean(x)
  )
})
source <- paste0("posterior ", packageVersion("posterior"), " (rhat, ess_bulk, ess_tail, ess_mean, mcse_mean), R ", getRversion())
cat(toJSON(list(source = source, cases = cases), auto_unbox = TRUE, digits = I(17), na = "null", pretty = TRUE))
