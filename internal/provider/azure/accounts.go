package azure

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// subscription is an account (Microsoft.Resources, schema Subscription).
type subscription struct {
	SubscriptionID, DisplayName, TenantID string
	State                                 string // Enabled, Warned, PastDue, Disabled, Deleted
}

type subscriptionPage struct {
	Value    []subscription
	NextLink string
}

// subscriptions yields what the credential sees; once where first is true, only the first page.
func (d *driver) subscriptions(ctx context.Context, op string, first bool) iter.Seq2[subscription, error] {
	return func(yield func(subscription, error) bool) {
		call := httpx.Call{Op: op, Path: "/subscriptions", Query: url.Values{"api-version": {"2022-12-01"}}}
		for {
			page, err := fetch[subscriptionPage](ctx, d, armAudience, call)
			for _, s := range page.Value {
				if s.SubscriptionID != "" && !yield(s, nil) {
					return
				}
			}
			if err != nil && !yield(subscription{}, err) || err != nil && !partial(err) {
				return
			}
			if first || page.NextLink == "" || page.NextLink == call.Path {
				return
			}
			call.Path, call.Query = page.NextLink, nil
		}
	}
}

// Check lists the subscriptions: every credential may, and it needs no other name.
func (d *driver) Check(ctx context.Context) error {
	for _, err := range d.subscriptions(ctx, "check credential", true) {
		return err
	}
	return nil
}

// Scopes yields the subscriptions: those that the configuration names, else all that are visible and not deleted, else
// the one that the credential names. A named one that is not visible is yielded as well: its units say why.
func (d *driver) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	return func(yield func(cloud.Scope, error) bool) {
		var seen []string
		for s, err := range d.subscriptions(ctx, "list subscriptions", false) {
			id := strings.ToLower(s.SubscriptionID)
			if err == nil && (s.State == "Deleted" || len(d.only) > 0 && !slices.Contains(d.only, id)) {
				continue
			}
			if !yield(cloud.Scope{Account: id, AccountName: s.DisplayName}, err) || err != nil {
				return
			}
			seen = append(seen, id)
		}
		rest := d.only
		if len(seen) == 0 && len(rest) == 0 && d.fallback != "" {
			rest = []string{strings.ToLower(d.fallback)}
		}
		for _, id := range rest {
			if !slices.Contains(seen, id) && !yield(cloud.Scope{Account: id}, nil) {
				return
			}
		}
	}
}

// Identity reads the claims of the token, which Azure Resource Manager checks and we do not, and counts subscriptions.
func (d *driver) Identity(ctx context.Context) (cloud.Identity, error) {
	token, err := d.tokens.get(ctx, armAudience)
	if err != nil {
		return cloud.Identity{}, err
	}
	id := claims(token)
	if id.User == "" {
		id.User = d.clientID
	}
	n := 0
	for s, err := range d.subscriptions(ctx, "list subscriptions", false) {
		if err != nil {
			return id, err
		}
		if id.Account == "" {
			id.Account = s.TenantID
		}
		n++
	}
	id.Detail = fmt.Sprintf("%d subscriptions", n)
	if n == 1 {
		id.Detail = "1 subscription"
	}
	return id, nil
}

// claims returns tenant and user of an access token; empty where it is not a JSON Web Token.
func claims(token string) cloud.Identity {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return cloud.Identity{}
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return cloud.Identity{}
	}
	var c struct {
		Tenant string `json:"tid"`
		User   string `json:"upn"`
		Name   string `json:"app_displayname"`
		App    string `json:"appid"`
	}
	if json.Unmarshal(data, &c) != nil {
		return cloud.Identity{}
	}
	for _, user := range []string{c.User, c.Name, c.App} {
		if user != "" {
			return cloud.Identity{Account: c.Tenant, User: user}
		}
	}
	return cloud.Identity{Account: c.Tenant}
}
