package extract

// softwareFormats is the table of software that no package manager installed.
func softwareFormats() []format {
	return nil
}
