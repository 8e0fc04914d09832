// Package schema carries the published JSON Schemas.
package schema

import _ "embed" // for the file below

//go:embed snapshot.schema.json
var snapshot string

// Snapshot returns the schema of the document that cloudtop --json prints.
func Snapshot() []byte { return []byte(snapshot) }
