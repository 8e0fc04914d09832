package vastai

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/loose"
)

// noEndpoints is the code of an answer that only says that the account has none.
const noEndpoints = "no_endpoints"

// answer is an error's body. The shapes are those of rate-limits-and-errors and of the descriptions: msg, message or
// detail, with or without error.
type answer struct {
	Error   word `json:"error"`
	Msg     word `json:"msg"`
	Message word `json:"message"`
	Detail  word `json:"detail"`
}

// threshold is what a throttled answer may carry: the shortest time between two calls, in seconds.
var threshold = regexp.MustCompile(`threshold\s*=\s*([0-9]+(?:\.[0-9]+)?)`)

// classify reads Vast.ai's errors. A bad key is 401, 403 or 404 by endpoint, told by its message; any other 403 means
// that the key's permissions do not reach this endpoint.
func classify(status int, h http.Header, body []byte) httpx.Fault {
	code, detail := message(h, body)
	f := httpx.Fault{Code: code, Detail: detail}
	lower := strings.ToLower(detail)
	switch {
	case status == http.StatusTooManyRequests:
		throttled(&f, h)
	case status == http.StatusUnauthorized, badKey(status, lower):
		f.Kind, f.Hint = cloud.KindAuth, keyHelp
	case status == http.StatusForbidden:
		f.Kind, f.Hint = cloud.KindDenied, "the key lacks a permission: see https://docs.vast.ai/api-reference/permissions"
	case status == http.StatusBadRequest && strings.Contains(lower, "no endpoints for user"):
		f.Code = noEndpoints
	}
	return f
}

// badKey tells "Invalid user key" (of a key that nobody has) and "This action requires login." (of none) from other
// answers with the same statuses.
func badKey(status int, lower string) bool {
	return (status == http.StatusForbidden || status == http.StatusNotFound) &&
		(strings.Contains(lower, "invalid user key") || strings.Contains(lower, "requires login"))
}

func message(h http.Header, body []byte) (code, detail string) {
	var a loose.Object[answer]
	if json.Unmarshal(body, &a) == nil {
		v := &a.Value
		return string(v.Error), string(cmp.Or(v.Msg, v.Message, v.Detail))
	}
	const longest = 200
	text := strings.TrimSpace(string(body))
	if strings.Contains(h.Get("Content-Type"), "html") || strings.HasPrefix(text, "<") {
		return "", "" // a gateway's page
	}
	return "", strings.ToValidUTF8(text[:min(len(text), longest)], "")
}

// throttled finds how long to wait: Retry-After where it is sent, else the threshold that the text names. The daily
// quota of searched rows ends at midnight UTC: without Retry-After the wait is set beyond what is worth retrying.
func throttled(f *httpx.Fault, h http.Header) {
	f.Kind = cloud.KindThrottled
	quota := f.Code == "search_quota_exceeded"
	if quota {
		f.Hint = "the account's daily quota of searched offers is used up; it starts anew at midnight UTC"
	}
	if h.Get("Retry-After") != "" {
		return
	}
	if quota {
		f.Wait = time.Hour
		return
	}
	if m := threshold.FindStringSubmatch(f.Detail); m != nil {
		s, _ := strconv.ParseFloat(m[1], 64) // the pattern lets only numbers through
		const longest = 3600
		f.Wait = time.Duration(min(s, longest) * float64(time.Second))
	}
}
