package providertest

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/adsops/cloudtop/internal/cloud"
)

// kindOf returns the classified error in err, an empty one where there is none.
func kindOf(err error) *cloud.Error {
	if e, ok := errors.AsType[*cloud.Error](err); ok {
		return e
	}
	return &cloud.Error{Kind: cloud.KindOf(err)}
}

// isDenied reports whether err says that something may not be read, also where it is only a part of an answer.
func isDenied(err error) bool { return leadsTo(err, cloud.KindDenied) }

// leadsTo reports whether an error in err's chain is of one of kinds.
func leadsTo(err error, kinds ...cloud.Kind) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if e, ok := err.(*cloud.Error); ok && slices.Contains(kinds, e.Kind) { //nolint:errorlint // each link by itself
			return true
		}
	}
	return false
}

// request returns a request for c as far as httpx.Pattern looks at it.
func request(c call) *http.Request {
	return &http.Request{Method: c.method, URL: &url.URL{Scheme: "https", Host: c.host, Path: c.path}}
}
