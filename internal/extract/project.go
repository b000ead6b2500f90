package extract

// projectFormats is the table of the build files of the Java virtual machine
// and of .NET, and of what their tools write down of a build.
func projectFormats() []format {
	return []format{
		{"maven", 1, []string{"pom.xml"}, resolved, stream, readPOM},
	}
}
