package oracle

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

// TestErrorsOfOraclesAreRead as docs.oracle.com/iaas/Content/API/References/apierrors.htm lists them. No kind = what the
// status says.
func TestErrorsOfOraclesAreRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		body   string
		kind   cloud.Kind
		code   string
		detail string
		hint   string // a part of it
	}{
		{"wrong signature", 401, `{"code":"NotAuthenticated","message":"The required information to complete authentication was not provided or was incorrect."}`,
			"", "NotAuthenticated", "The required information to complete authentication was not provided or was incorrect.", "this machine's clock"},
		{"clock", 401, `{"code":"NotAuthenticated","message":"Date 'x' is not within allowed clock skew."}`, "", "NotAuthenticated", "Date 'x' is not within allowed clock skew.", "clock"},
		{"hidden", 404, `{"code":"NotAuthorizedOrNotFound","message":"Authorization failed or requested resource not found."}`,
			cloud.KindDenied, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found.", ""},
		{"not found", 404, `{"code":"NotFound","message":"Not Found"}`, "", "NotFound", "Not Found", ""},
		{"forbidden", 403, `{"code":"NotAuthorized","message":"no"}`, "", "NotAuthorized", "no", ""},
		{"throttled", 429, `{"code":"TooManyRequests","message":"User-rate limit exceeded."}`, cloud.KindThrottled, "TooManyRequests", "User-rate limit exceeded.", ""},
		{"throttled under another status", 503, `{"code":"TooManyRequests","message":"x"}`, cloud.KindThrottled, "TooManyRequests", "x", ""},
		{"parameter", 400, `{"code":"InvalidParameter","message":"limit"}`, "", "InvalidParameter", "limit", ""},
		{"out of order", 500, `{"code":"InternalServerError","message":"x"}`, "", "InternalServerError", "x", ""},
		{"more fields", 500, `{"code":"InternalError","message":"x","opc-request-id":"1","details":[1]}`, "", "InternalError", "x", ""},
		{"fields of other types", 500, `{"code":7,"message":"x"}`, "", "", "x", ""},
		{"a page", 502, `<html>Bad Gateway</html>`, "", "", "", ""},
		{"nothing", 504, ``, "", "", "", ""},
		{"null", 400, `null`, "", "", "", ""},
		{"a page for a wrong signature", 401, `<html>`, "", "", "", "fingerprint"},
	} {
		f := classify(tt.status, http.Header{}, []byte(tt.body))
		if f.Kind != tt.kind || f.Code != tt.code || f.Detail != tt.detail || !strings.Contains(f.Hint, tt.hint) || tt.hint == "" && f.Hint != "" {
			t.Errorf("%s: got %+v", tt.name, f)
		}
	}
}

func FuzzClassify(f *testing.F) {
	f.Add(404, []byte(`{"code":"NotAuthorizedOrNotFound","message":"x"}`))
	f.Add(500, []byte(`[`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		got := classify(status, nil, body)
		if got.Kind == cloud.KindAuth || got.Kind == cloud.KindDenied && status != http.StatusNotFound {
			t.Errorf("%d %q is %+v", status, body, got)
		}
	})
}

// TestPartOfAnAnswerIsLost where its error may be gone the next time; what ends a provider or a context is not partial.
func TestPartOfAnAnswerIsLost(t *testing.T) {
	t.Parallel()
	for kind, want := range map[cloud.Kind]cloud.Kind{
		cloud.KindAuth: cloud.KindAuth, cloud.KindCancelled: cloud.KindCancelled, cloud.KindTimeout: cloud.KindTimeout,
		cloud.KindPartial: cloud.KindPartial, cloud.KindDenied: cloud.KindPartial, cloud.KindThrottled: cloud.KindPartial,
		cloud.KindUnavailable: cloud.KindPartial, cloud.KindNetwork: cloud.KindPartial, cloud.KindResponse: cloud.KindPartial,
		cloud.KindRequest: cloud.KindPartial, cloud.KindNotFound: cloud.KindPartial,
	} {
		in := &cloud.Error{Kind: kind, Op: "oracle: list", Status: 418, Code: "Teapot", Detail: "why", Hint: "what to do"}
		out := partially(in)
		e, ok := errors.AsType[*cloud.Error](out)
		if !ok || e.Kind != want || e.Op != in.Op || e.Hint != in.Hint || !strings.Contains(out.Error(), "why") || !errors.Is(out, in) {
			t.Errorf("%s becomes %+v, want %s", kind, out, want)
		}
	}
	if plain := errors.New("plain"); partially(plain) != plain { //nolint:errorlint // the very same
		t.Error("an error of another package is changed")
	}
}

func TestAPolicyIsNamedForItsCompartment(t *testing.T) {
	t.Parallel()
	denied := &cloud.Error{Kind: cloud.KindDenied, Op: "oracle: list instances"}
	for _, tt := range []struct{ service, compartment, want string }{
		{compute, root, "Allow group <your group> to read instance-family in tenancy"},
		{compute, "prod", "Allow group <your group> to read instance-family in compartment prod"},
		{autonomous, "prod/web/eu", "Allow group <your group> to read autonomous-database-family in compartment prod:web:eu"},
		{oke, "a b", "Allow group <your group> to read cluster-family in compartment a b"},
	} {
		got := withPolicy(denied, cloud.Query{Service: tt.service, Scope: cloud.Scope{Compartment: tt.compartment}})
		e, ok := errors.AsType[*cloud.Error](got)
		if !ok || e.Hint != tt.want || denied.Hint != "" {
			t.Errorf("%s in %s: got %+v, want the hint %q", tt.service, tt.compartment, got, tt.want)
		}
	}
	other := &cloud.Error{Kind: cloud.KindThrottled}
	for _, err := range []error{nil, other, context.Canceled} {
		if got := withPolicy(err, cloud.Query{Service: compute}); got != err { //nolint:errorlint // the very same
			t.Errorf("%v becomes %v", err, got)
		}
	}
}
