package gcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2/google"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

const (
	// cloudPlatform is the one scope that all services take: Cloud Functions and Cloud SQL have no narrower one that
	// reads. What may be done is for the account's roles to say.
	cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"
	// early is how long before its end a token is not used any more.
	early = 2 * time.Minute
)

// keyFile is the part of a credentials file that is used here; golang.org/x/oauth2/google reads the rest.
type keyFile struct {
	Type           string `json:"type"`
	ProjectID      string `json:"project_id"`
	PrivateKeyID   string `json:"private_key_id"`
	PrivateKey     string `json:"private_key"`
	ClientEmail    string `json:"client_email"`
	TokenURI       string `json:"token_uri"`
	QuotaProjectID string `json:"quota_project_id"`
}

// parseFile reads a credentials file: a service account's key, or what gcloud keeps as application default.
func parseFile(data []byte, _ func(string) string) (map[string]string, error) {
	text := strings.TrimSpace(string(data))
	if _, err := parseKey(text); err != nil {
		return nil, err
	}
	return map[string]string{"credentials_json": text}, nil
}

// parseKey reads a credentials file. Its errors never repeat what it holds.
func parseKey(text string) (keyFile, error) {
	var f keyFile
	if json.Unmarshal([]byte(text), &f) != nil {
		return f, errors.New("it is not the JSON of a credentials file")
	}
	if !slices.Contains(kinds(), google.CredentialsType(f.Type)) {
		return f, fmt.Errorf("\"type\" is none of %v", kinds())
	}
	return f, nil
}

// kinds lists the credentials files that work.
func kinds() []google.CredentialsType {
	return []google.CredentialsType{
		google.ServiceAccount, google.AuthorizedUser, google.ExternalAccount, google.ExternalAccountAuthorizedUser,
		google.ImpersonatedServiceAccount,
	}
}

// tokens gets access tokens and keeps the newest.
type tokens struct {
	env  provider.Env
	api  *httpx.API // sends no credential
	text string
	file keyFile
	key  *signingKey // of a service account; nil for other kinds
	turn chan struct{}

	// Of whose turn it is.
	token string
	until time.Time // zero = it has no end
}

func newTokens(env provider.Env) (*tokens, error) {
	text := env.Config.Value("credentials_json")
	if text == "" {
		return nil, &cloud.Error{Kind: cloud.KindAuth, Detail: "no credentials file", Hint: keyHelp}
	}
	t := &tokens{env: env, api: env.API("", nil), text: text, turn: make(chan struct{}, 1)}
	var err error
	if t.file, err = parseKey(text); err != nil {
		return nil, &cloud.Error{Kind: cloud.KindAuth, Detail: "the credentials cannot be used: " + err.Error(), Hint: keyHelp}
	}
	if google.CredentialsType(t.file.Type) == google.ServiceAccount {
		if t.key, err = newSigningKey(&t.file); err != nil {
			return nil, &cloud.Error{Kind: cloud.KindAuth, Detail: "the service account's key cannot be used: " + err.Error(), Hint: keyHelp}
		}
	}
	return t, nil
}

// get returns a token that is good for a while. One call gets it for all who wait; each waits as long as its own
// context lasts.
func (t *tokens) get(ctx context.Context) (string, error) {
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return "", cloud.Ended(ctx, name, "a token that another call asks for")
	}
	defer func() { <-t.turn }()
	if t.token != "" && (t.until.IsZero() || t.env.Now().Before(t.until.Add(-early))) {
		return t.token, nil
	}
	token, until, err := t.ask(ctx)
	if err != nil {
		return "", err
	}
	t.token, t.until = token, until
	return token, nil
}

func (t *tokens) ask(ctx context.Context) (token string, until time.Time, err error) {
	if t.key != nil {
		return t.signIn(ctx)
	}
	return t.exchange(ctx)
}
