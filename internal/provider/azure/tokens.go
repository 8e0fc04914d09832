package azure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azurecloud "github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// The audiences of tokens. The data plane of Azure Monitor has one of its own.
const (
	armAudience     = "https://management.azure.com/.default"
	metricsAudience = "https://metrics.monitor.azure.com/.default"
)

const (
	signIn     = "azure: sign in"
	signInHost = "login.microsoftonline.com"
	maxSignIn  = 1 << 20 // bytes
)

// tokens hands out access tokens, which azidentity keeps and renews.
type tokens struct {
	credential azcore.TokenCredential
	transport  *watched
	secret     string        // empty = a chain of credentials
	turn       chan struct{} // one sign-in at a time; azidentity's own lock does not end with a context
}

// newTokens chooses the credential: the client secret where there is one, what `az login` left where that was found,
// else DefaultAzureCredential's chain. Instance discovery is off: it asks whether an authority is Microsoft's, and this
// one is.
func newTokens(env provider.Env) (*tokens, error) {
	secret := env.Config.Value("client_secret")
	t := &tokens{transport: &watched{client: env.HTTP}, turn: make(chan struct{}, 1), secret: secret}
	options := azcore.ClientOptions{
		Cloud: azurecloud.AzurePublic, Transport: t.transport,
		Retry: policy.RetryOptions{MaxRetries: -1}, Telemetry: policy.TelemetryOptions{ApplicationID: "cloudtop"},
	}
	tenant := env.Config.Value("tenant_id")
	var err error
	switch {
	case secret != "":
		t.credential, err = azidentity.NewClientSecretCredential(tenant, env.Config.Value("client_id"), secret,
			&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: true})
	case env.Config.Value("cli_user") != "":
		t.credential, err = azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: tenant})
	default:
		t.credential, err = azidentity.NewDefaultAzureCredential(
			&azidentity.DefaultAzureCredentialOptions{ClientOptions: options, TenantID: tenant, DisableInstanceDiscovery: true})
	}
	if err != nil {
		return nil, t.failure(cloud.KindAuth, err.Error())
	}
	return t, nil
}

// get returns a token for an audience.
func (t *tokens) get(ctx context.Context, audience string) (string, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", cloud.Ended(ctx, signIn, "a token that another call asks for")
	}
	t.transport.failed = nil
	token, err := t.credential.GetToken(httpx.Common(ctx), policy.TokenRequestOptions{Scopes: []string{audience}})
	if err != nil {
		return "", t.explain(ctx, err)
	}
	return token.Token, nil
}

// explain says why there is no token. azidentity's errors print whole answers and hide their cause.
func (t *tokens) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return cloud.Ended(ctx, signIn, "a token of Microsoft Entra")
	}
	if failed := t.transport.failed; failed != nil {
		e, ok := errors.AsType[*cloud.Error](failed)
		if !ok {
			return t.failure(cloud.KindOf(failed), failed.Error())
		}
		out := *e
		out.Op, out.Detail = signIn, httpx.Redact(out.Detail, []string{t.secret})
		return &out
	}
	if t.secret != "" {
		return t.failure(cloud.KindResponse, err.Error())
	}
	return t.failure(cloud.KindAuth, err.Error())
}

func (t *tokens) failure(kind cloud.Kind, detail string) *cloud.Error {
	e := &cloud.Error{
		Kind: kind, Op: signIn, Detail: httpx.Redact(strings.Join(strings.Fields(detail), " "), []string{t.secret}),
	}
	if kind == cloud.KindAuth {
		e.Hint = signInHint
	}
	return e
}

// watched keeps what went wrong between azidentity and the sign-in page. Only one sign-in uses it at a time.
type watched struct {
	client *http.Client
	failed error // of the last call to the page
}

// Do implements policy.Transporter. It reads the whole answer, so that one which breaks off is known for what it is.
func (w *watched) Do(req *http.Request) (*http.Response, error) {
	if req.URL.Hostname() != signInHost {
		return w.client.Do(req)
	}
	if tenant, ok := strings.CutSuffix(req.URL.Path, "/v2.0/.well-known/openid-configuration"); ok {
		return discovered(req, strings.Trim(tenant, "/")), nil
	}
	resp, err := w.client.Do(req.WithContext(httpx.Whole(req.Context())))
	if err != nil {
		w.failed = err
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxSignIn+1))
	switch {
	case err != nil:
		w.failed = fmt.Errorf("the answer broke off: %w", err)
		return nil, w.failed
	case len(body) > maxSignIn:
		w.failed = &cloud.Error{Kind: cloud.KindResponse, Detail: "the answer is larger than is accepted"}
		return nil, w.failed
	case resp.StatusCode >= http.StatusBadRequest:
		w.failed = refusal(resp, body)
	case !json.Valid(body):
		w.failed = &cloud.Error{Kind: cloud.KindResponse, Detail: "the answer is not JSON"}
	default:
		w.failed = nil
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// discovered answers what a tenant's discovery document says of a sign-in. Where the authority is fixed so are its
// endpoints (learn.microsoft.com: entra/identity-platform/v2-oauth2-client-creds-grant-flow); it saves the first call.
func discovered(req *http.Request, tenant string) *http.Response {
	base := "https://" + signInHost + "/" + tenant
	body := fmt.Sprintf(`{"issuer":%q,"authorization_endpoint":%q,"token_endpoint":%q}`,
		base+"/v2.0", base+"/oauth2/v2.0/authorize", base+"/oauth2/v2.0/token")
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

// refusal is the error of an answer that is not a success.
func refusal(resp *http.Response, body []byte) error {
	f := classify(resp.StatusCode, resp.Header, body)
	e := &cloud.Error{Kind: f.Kind, Status: resp.StatusCode, Code: f.Code, Detail: f.Detail, Hint: f.Hint}
	switch {
	case e.Kind != "":
	case resp.StatusCode == http.StatusTooManyRequests:
		e.Kind = cloud.KindThrottled
	case resp.StatusCode >= http.StatusInternalServerError:
		e.Kind = cloud.KindUnavailable
	case resp.StatusCode == http.StatusForbidden:
		e.Kind = cloud.KindDenied
	case resp.StatusCode == http.StatusNotFound:
		e.Kind = cloud.KindNotFound
	default:
		e.Kind, e.Hint = cloud.KindAuth, signInHint
	}
	return e
}
