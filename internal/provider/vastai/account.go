package vastai

import (
	"context"
	"iter"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/loose"
)

// user is GET /api/v0/users/current/ (show_user.yaml). The answer's ssh_key and sid are not read.
type user struct {
	ID       word   `json:"id"`
	KeyID    word   `json:"key_id"`
	Email    word   `json:"email"`
	Username word   `json:"username"`
	Balance  number `json:"balance"`
	Credit   number `json:"credit"` // not in the description, but in its samples and in the official client
}

func (d *driver) readUser(ctx context.Context) (user, error) {
	var u loose.Object[user]
	if _, err := d.api.Get(ctx, "read account", userPath, nil, &u); err != nil {
		return user{}, err
	}
	if u.Value.ID == "" {
		return user{}, malformed("read account", "the answer names no account")
	}
	return u.Value, nil
}

// sharedUser reads the account once for those who ask in one round: the scopes and the money.
func (d *driver) sharedUser(ctx context.Context, asker string) (user, error) {
	return d.users.Do(ctx, struct{}{}, asker, d.readUser)
}

func (u *user) title() string {
	if u.Email != "" {
		return string(u.Email)
	}
	return string(u.Username)
}

// Scopes implements provider.Scoper: the key's one account. A key that may read instances but not its account
// (category user_read) still gets a scope, named after the provider, and a partial error says why.
func (d *driver) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	return func(yield func(cloud.Scope, error) bool) {
		u, err := d.sharedUser(ctx, "scopes")
		switch {
		case err == nil:
			yield(cloud.Scope{Account: string(u.ID), AccountName: u.title()}, nil)
		case cloud.KindOf(err) == cloud.KindDenied:
			partial := cloud.Partial(name+": read account", "the key may not read its account, so it has no name: "+err.Error())
			partial.Hint = "add the category user_read to the key"
			if yield(cloud.Scope{}, partial) {
				yield(cloud.Scope{Account: name}, nil)
			}
		default:
			yield(cloud.Scope{}, err)
		}
	}
}

// Identity implements provider.Identifier.
func (d *driver) Identity(ctx context.Context) (cloud.Identity, error) {
	u, err := d.readUser(ctx)
	if err != nil {
		return cloud.Identity{}, err
	}
	id := cloud.Identity{Account: string(u.ID), User: u.title()}
	if u.KeyID != "" {
		id.Detail = "key " + string(u.KeyID)
	}
	return id, nil
}
