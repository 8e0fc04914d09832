package config

// DurationForm is the pattern of durations.
const DurationForm = durationForm

// ColumnViews are the keys of output.columns.
func ColumnViews() []string { return columnViews() }
