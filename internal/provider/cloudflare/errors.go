package cloudflare

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/loose"
)

const analyticsRead = "Account Analytics Read"

// apiError is one element of "errors", in REST's envelope (a numeric code) and in GraphQL's answer (a path and a
// word in extensions).
type apiError struct {
	Code       json.RawMessage      `json:"code"`
	Message    loose.Text           `json:"message"`
	Chain      loose.List[apiError] `json:"error_chain"`
	Path       json.RawMessage      `json:"path"`
	Extensions loose.Object[struct {
		Code loose.Text `json:"code"`
	}] `json:"extensions"`
}

func (e *apiError) code() string {
	s := string(e.Code)
	if unquoted, err := strconv.Unquote(s); err == nil {
		s = unquoted
	}
	if s == "null" {
		s = ""
	}
	return cmp.Or(s, string(e.Extensions.Value.Code))
}

// The codes of REST that say more than the status does. They are the same at every path.
const (
	codeInvalidToken   = "1000"  // "Invalid API Token"
	codeInvalidHeaders = "6003"  // "Invalid request headers"
	codeNoRoute        = "7003"  // "Could not route to ..., perhaps your object identifier is invalid?"
	codeUnknownKey     = "9103"  // "Unknown X-Auth-Key or X-Auth-Email"
	codeNoHeaders      = "9106"  // "Missing X-Auth-Key, X-Auth-Email or Authorization headers"
	codeUnauthorized   = "9109"  // "Invalid access token", or "Unauthorized to access requested resource"
	codeAuthentication = "10000" // "Authentication error": the credential may not read this account or resource
	codeR2Disabled     = "10042" // "Please enable R2 through the Cloudflare Dashboard."
)

// classify reads the errors of an answer that is not a success.
func classify(status int, _ http.Header, body []byte) httpx.Fault {
	var answer struct {
		Errors loose.List[apiError] `json:"errors"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return httpx.Fault{}
	}
	return faultOf(status, answer.Errors.All)
}

func faultOf(status int, all []apiError) httpx.Fault {
	if len(all) == 0 {
		return httpx.Fault{}
	}
	first := &all[0]
	var messages []string
	for i := range all {
		messages = append(messages, string(all[i].Message))
		for _, c := range all[i].Chain.All {
			messages = append(messages, string(c.Message))
		}
	}
	f := httpx.Fault{Code: first.code(), Detail: strings.Join(messages, "; ")}
	switch f.Code {
	case codeInvalidToken, codeInvalidHeaders, codeUnknownKey, codeNoHeaders:
		f.Kind, f.Hint = cloud.KindAuth, tokenHelp
	case codeUnauthorized:
		f.Kind = cloud.KindDenied
		if strings.Contains(string(first.Message), "token") { // one code, two meanings
			f.Kind, f.Hint = cloud.KindAuth, tokenHelp
		}
	case codeAuthentication:
		f.Kind, f.Hint = cloud.KindDenied, "give the API token this account and the permission at "+tokenPage
	case codeNoRoute:
		f.Kind, f.Hint = cloud.KindNotFound, "check account_id: 32 hexadecimal digits, as in the dashboard's address"
	case codeR2Disabled:
		f.Kind, f.Hint = cloud.KindUnsupported, "enable R2 at https://dash.cloudflare.com/?to=/:account/r2"
	case "":
		reason := reasonOf(first)
		f.Kind, f.Hint = reason.kind, reason.hint
	default:
		if first.Extensions.Value.Code != "" && status < 500 {
			reason := reasonOf(first)
			f.Kind, f.Hint = reason.kind, reason.hint
		}
	}
	if status == http.StatusTooManyRequests && f.Kind != cloud.KindRequest {
		f.Kind = cloud.KindThrottled
	}
	return f
}

// hinted names the permission that an error of kind denied asks for.
func hinted(err error, permission string) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok || e.Kind != cloud.KindDenied {
		return err
	}
	out := *e
	out.Hint = "give the API token " + permission + " for this account at " + tokenPage
	return &out
}
