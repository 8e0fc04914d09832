package runpod

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/loose"
)

// problem is an error's body: {"title","status","detail","errors"} (spec: ErrorResponse), and {"error"} or {"message"}
// where a gateway or the queues' host answers.
type problem struct {
	Title, Detail, Error, Message loose.Text
	Errors                        []loose.Text
}

// classify reads the body for what happened; what that means follows from the status.
func classify(status int, _ http.Header, body []byte) httpx.Fault {
	var read loose.Object[problem]
	if json.Unmarshal(body, &read) != nil {
		return httpx.Fault{}
	}
	p := &read.Value
	var parts []string
	for _, part := range append([]loose.Text{cmp.Or(p.Detail, p.Message, p.Error)}, p.Errors...) {
		if part != "" {
			parts = append(parts, string(part))
		}
	}
	f := httpx.Fault{Code: string(p.Title), Detail: strings.Join(parts, "; ")}
	switch status {
	case http.StatusUnauthorized:
		f.Hint = keyHelp
	case http.StatusForbidden:
		f.Hint = "give the API key read access (console: Settings, API Keys)"
	}
	return f
}

// partially returns err as something missing from a sequence that goes on. What concerns the whole sequence stays what
// it is: the end of the context, and a refused key.
func partially(err error) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok {
		return err
	}
	switch e.Kind {
	case cloud.KindCancelled, cloud.KindTimeout, cloud.KindAuth:
		return err
	default:
		return &cloud.Error{Kind: cloud.KindPartial, Op: e.Op, Detail: e.Message(), Hint: e.Hint, Err: e}
	}
}

// ofQueue returns err, of the queues' host, as it is meant: a key that this host refuses and v2 has taken is a good key
// without access to it. (A Restricted key has a permission for each; with what status it is refused is not published.)
func ofQueue(err error) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok || e.Kind != cloud.KindAuth {
		return err
	}
	out := *e
	out.Err, out.Kind, out.Hint = e, cloud.KindDenied, "give the API key read access to api.runpod.ai (console: Settings, API Keys)"
	return &out
}
