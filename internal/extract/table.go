package extract

import "slices"

// formats is the whole table of formats. To add one: one function, one row in
// the list it belongs to, one archive in testdata.
func formats() []format {
	return slices.Concat(osFormats(), languageFormats(), lockFormats(), projectFormats(), softwareFormats(), dockerFormats())
}
