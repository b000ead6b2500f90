package extract

// osFormats and languageFormats are the whole table of formats. To add one:
// one function, one row, one archive in testdata.
func formats() []format { return append(osFormats(), languageFormats()...) }
