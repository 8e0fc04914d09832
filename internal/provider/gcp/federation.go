package gcp

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// maxToken bounds the answer of a token endpoint, in bytes.
const maxToken = 1 << 20

// exchange gets a token for what is no service account's key: a user's refresh token, workload identity federation,
// impersonation. The calls go through the chain.
func (t *tokens) exchange(ctx context.Context) (token string, until time.Time, err error) {
	heard := &listener{ctx: ctx, base: t.env.HTTP.Transport}
	client := *t.env.HTTP
	client.Transport = heard
	creds, err := google.CredentialsFromJSONWithTypeAndParams(
		context.WithValue(ctx, oauth2.HTTPClient, &client), []byte(t.text), google.CredentialsType(t.file.Type),
		google.CredentialsParams{Scopes: []string{cloudPlatform}},
	)
	if err != nil {
		return "", time.Time{}, credentialError("the credentials cannot be used")
	}
	got, err := creds.TokenSource.Token()
	switch {
	case ctx.Err() != nil:
		return "", time.Time{}, cloud.Ended(ctx, name, "a token")
	case err == nil && got.AccessToken != "":
		return got.AccessToken, got.Expiry, nil
	case heard.err != nil:
		return "", time.Time{}, heard.err
	case heard.answers > 0:
		return "", time.Time{}, &cloud.Error{
			Kind: cloud.KindResponse, Op: name + ": sign in", Detail: "the answer of the token endpoint is not what is expected",
		}
	}
	return "", time.Time{}, credentialError("what the credentials name (a file, a command, an identity) could not be read")
}

func credentialError(detail string) error {
	return &cloud.Error{Kind: cloud.KindAuth, Op: name + ": sign in", Detail: detail, Hint: keyHelp}
}

// listener gives the calls of golang.org/x/oauth2 the context of the call that needs the token, and keeps what went
// wrong, which that library only repeats as text.
type listener struct {
	ctx     context.Context //nolint:containedctx // the library gives its requests none
	base    http.RoundTripper
	answers int
	err     error
}

// RoundTrip implements http.RoundTripper.
func (l *listener) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.base.RoundTrip(req.WithContext(httpx.Whole(l.ctx)))
	if err != nil {
		l.err = err
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxToken))
	_ = resp.Body.Close()
	if err != nil {
		l.err = err
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	l.answers++
	if resp.StatusCode >= http.StatusBadRequest {
		l.err = tokenError(resp, body)
	}
	return resp, nil
}

// tokenError says what an answer means that is no token.
func tokenError(resp *http.Response, body []byte) error {
	f := classify(resp.StatusCode, resp.Header, body)
	e := &cloud.Error{
		Kind: f.Kind, Op: name + ": sign in", Status: resp.StatusCode, Code: f.Code, Detail: f.Detail, Hint: f.Hint, RetryAfter: f.Wait,
	}
	switch {
	case e.Kind != "":
	case resp.StatusCode == http.StatusTooManyRequests:
		e.Kind = cloud.KindThrottled
	case resp.StatusCode >= http.StatusInternalServerError:
		e.Kind = cloud.KindUnavailable
	default:
		e.Kind, e.Hint = cloud.KindAuth, keyHelp
	}
	return e
}
