module github.com/adsops/cloudtop

go 1.26.8

require (
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	golang.org/x/time v0.16.0 // indirect
)
