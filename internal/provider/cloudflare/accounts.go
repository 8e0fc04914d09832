package cloudflare

import (
	"cmp"
	"context"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/loose"
)

// account is an element of GET /accounts.
type account struct {
	ID   loose.Text `json:"id"`
	Name loose.Text `json:"name"`
	Type loose.Text `json:"type"` // standard | enterprise
}

func (a *account) named() bool { return a.ID != "" }

// accounts yields the accounts that the credential sees (5 to 50 a page), or the one that is configured.
func (d *driver) accounts(ctx context.Context) iter.Seq2[account, error] {
	if d.account != "" {
		return d.oneAccount(ctx)
	}
	return paged[account](ctx, d, listing{op: "list accounts", path: "/accounts", perPage: 50})
}

func (d *driver) accountCall() httpx.Call {
	return httpx.Call{Op: "get account", Path: "/accounts/" + url.PathEscape(d.account)}
}

// oneAccount looks the configured account up. A token without Account Settings Read may still read its services.
func (d *driver) oneAccount(ctx context.Context) iter.Seq2[account, error] {
	return func(yield func(account, error) bool) {
		got, _, err := get[loose.Object[account]](ctx, d, d.accountCall())
		a := got.Value
		switch {
		case cloud.KindOf(err) == cloud.KindDenied, err == nil && a.ID == "":
			yield(account{ID: loose.Text(d.account)}, nil)
		default:
			yield(a, err)
		}
	}
}

// accounts is what a credential sees.
type accounts struct {
	all     []account
	missing []error // of cloud.KindPartial
}

// shared yields the accounts that another asker has just read, or reads them.
func (d *driver) shared(ctx context.Context, asker string) iter.Seq2[account, error] {
	return func(yield func(account, error) bool) {
		seen, err := d.seen.Do(ctx, "", asker, d.gathered)
		for _, a := range seen.all {
			if !yield(a, nil) {
				return
			}
		}
		for _, err := range append(slices.Clone(seen.missing), err) {
			if err != nil && !yield(account{}, err) {
				return
			}
		}
	}
}

func (d *driver) gathered(ctx context.Context) (out accounts, err error) {
	for a, err := range d.accounts(ctx) {
		switch {
		case err == nil:
			out.all = append(out.all, a)
		case cloud.KindOf(err) == cloud.KindPartial:
			out.missing = append(out.missing, err)
		default:
			return out, err
		}
	}
	return out, nil
}

// Scopes implements provider.Scoper.
func (d *driver) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	return func(yield func(cloud.Scope, error) bool) {
		none := true
		for a, err := range d.shared(ctx, "scopes") {
			if err != nil {
				yield(cloud.Scope{}, hinted(err, "Account Settings Read"))
				return
			}
			none = false
			if !yield(cloud.Scope{Account: string(a.ID), AccountName: string(a.Name)}, nil) {
				return
			}
		}
		if none {
			yield(cloud.Scope{}, &cloud.Error{
				Kind: cloud.KindDenied, Op: name + ": list accounts", Detail: "the credential sees no account",
				Hint: "give the API token an account and Account Settings Read at " + tokenPage,
			})
		}
	}
}

// verified is the result of the two tokens/verify calls.
type verified struct {
	ID        loose.Text `json:"id"`
	Status    loose.Text `json:"status"` // active | disabled | expired
	ExpiresOn loose.Time `json:"expires_on"`
}

// verify asks for the token itself: as a user's token, then as one that an account owns, which only that account knows.
func (d *driver) verify(ctx context.Context) (v verified, owner string, err error) {
	got, _, err := get[loose.Object[verified]](ctx, d, httpx.Call{Op: "verify token", Path: "/user/tokens/verify"})
	if kind := cloud.KindOf(err); kind == cloud.KindAuth || kind == cloud.KindDenied {
		for a, aerr := range d.accounts(ctx) {
			if aerr == nil {
				owner = string(a.ID)
			}
			break
		}
		if owner == "" {
			return got.Value, "", err
		}
		var own error
		got, _, own = get[loose.Object[verified]](ctx, d, httpx.Call{
			Op: "verify account token", Path: "/accounts/" + url.PathEscape(owner) + "/tokens/verify",
		})
		if cloud.KindOf(own) != cloud.KindAuth { // else it is not an account's token either: the first answer stands
			err = own
		}
	}
	v = got.Value
	if err == nil && v.Status != "active" {
		err = &cloud.Error{
			Kind: cloud.KindAuth, Op: name + ": verify token", Detail: "the API token is " + string(cmp.Or(v.Status, "of unknown status")), Hint: tokenHelp,
		}
	}
	return v, owner, err
}

// Check implements provider.Driver. Accounts are listed to every kind of credential, and tokens/verify is not: it knows
// a user's tokens, or an account's. Who may not list accounts has a good credential all the same.
func (d *driver) Check(ctx context.Context) error {
	var err error
	if d.account != "" {
		_, _, err = get[loose.Object[account]](ctx, d, d.accountCall())
	} else {
		_, _, err = get[loose.List[account]](ctx, d, httpx.Call{Op: "check credential", Path: "/accounts", Query: url.Values{"per_page": {"5"}}})
	}
	if cloud.KindOf(err) == cloud.KindDenied {
		return nil
	}
	return err
}

func (d *driver) user(ctx context.Context) (string, error) {
	u, _, err := get[loose.Object[struct {
		Email loose.Text `json:"email"`
	}]](ctx, d, httpx.Call{Op: "get user", Path: "/user"})
	return string(u.Value.Email), err
}

// Identity implements provider.Identifier.
func (d *driver) Identity(ctx context.Context) (cloud.Identity, error) {
	var who cloud.Identity
	if d.token {
		v, owner, err := d.verify(ctx)
		if err != nil {
			return who, err
		}
		who.User, who.Detail = "API token "+string(v.ID), "a user's token"
		if owner != "" {
			who.Detail = "a token of account " + owner
		}
		if !v.ExpiresOn.IsZero() {
			who.Detail += ", expires " + v.ExpiresOn.UTC().Format(time.DateOnly)
		}
	} else {
		email, err := d.user(ctx)
		if err != nil {
			return who, err
		}
		who.User, who.Detail = email, "Global API Key"
	}
	var names []string
	for a, err := range d.accounts(ctx) {
		if err != nil {
			return who, err
		}
		names = append(names, string(cmp.Or(a.Name, a.ID)))
	}
	who.Account = strings.Join(names, ", ")
	return who, nil
}
