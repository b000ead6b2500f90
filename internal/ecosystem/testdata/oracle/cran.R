# Answers "a TAB b" lines with -1, 0, 1, or x if a version is not valid.
for (line in readLines(file("stdin"))) {
  v <- lapply(strsplit(line, "\t")[[1]], numeric_version, strict = FALSE)
  if (length(v) != 2 || any(vapply(v, is.na, NA))) cat("x\n")
  else cat((v[[1]] > v[[2]]) - (v[[1]] < v[[2]]), "\n", sep = "")
}
