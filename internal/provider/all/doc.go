package all

//go:generate go run generate.go
