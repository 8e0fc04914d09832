package azure

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// problem is the error body of Azure Resource Manager and of its services.
type problem struct {
	Code    string
	Message string
	Details []struct{ Code, Message string }
}

// classify reads {"error":{"code","message","details"}}, the same without "error" as some services of Azure Monitor
// write it, and the sign-in page's {"error","error_description"}.
func classify(status int, _ http.Header, body []byte) httpx.Fault {
	var outer struct {
		Error       json.RawMessage
		Description string `json:"error_description"`
	}
	var p problem
	_ = json.Unmarshal(bytes.TrimPrefix(body, []byte(byteOrderMark)), &outer) // what cannot be read is told by its status
	var code string
	if json.Unmarshal(outer.Error, &code) == nil && code != "" {
		return signInFault(status, code, outer.Description)
	}
	if json.Unmarshal(outer.Error, &p) != nil || p.Code == "" && p.Message == "" {
		_ = json.Unmarshal(body, &p)
	}
	f := httpx.Fault{Code: p.Code, Detail: p.Message}
	if status == http.StatusNotImplemented { // Azure Monitor, of an aggregation that a metric does not have
		f.Kind = cloud.KindUnsupported
	}
	codes := []string{p.Code}
	for _, d := range p.Details {
		if len(codes) == 1 { // Resource Graph's own message only says whom to ask
			f.Code, f.Detail = d.Code, d.Message
		}
		codes = append(codes, d.Code)
	}
	is := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(codes, n) })
	}
	switch {
	case is("NoValidSubscriptionsInQueryRequest", "SubscriptionNotFound"): // what may not be read does not exist
		f.Kind = cloud.KindDenied
	case is("MissingSubscriptionRegistration", "NoRegisteredProviderFound", "DisallowedOperation"):
		f.Kind = cloud.KindUnsupported
	}
	if f.Kind == cloud.KindDenied || status == http.StatusForbidden {
		f.Hint = roleHint
	}
	return f
}

// signInFault reads an OAuth error. Its description begins with AADSTS and a number, and ends with trace ids.
func signInFault(status int, code, description string) httpx.Fault {
	for _, end := range []string{"\r", "\n", " Trace ID:"} {
		description, _, _ = strings.Cut(description, end)
	}
	f := httpx.Fault{Code: code, Detail: description}
	switch {
	case code == "invalid_resource": // the tenant has no such audience
		f.Kind = cloud.KindUnsupported
	case code == "temporarily_unavailable" && status < http.StatusInternalServerError && status != http.StatusTooManyRequests:
		f.Kind = cloud.KindUnavailable
	case status == http.StatusBadRequest || status == http.StatusUnauthorized:
		f.Kind, f.Hint = cloud.KindAuth, signInHint
	}
	return f
}
