package config

// DurationForm is the pattern of durations.
const DurationForm = durationForm

// ColumnViews are the keys of output.columns.
func ColumnViews() []string { return columnViews() }

// Meaning is a configuration without where in a file it stands.
func (c *Config) Meaning() *Config {
	meant := *c
	meant.file, meant.lines = "", nil
	return &meant
}
