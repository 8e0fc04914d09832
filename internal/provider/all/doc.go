// Package all is the list of providers and of their simulators, generated from the folder names.
package all

//go:generate go run generate.go
