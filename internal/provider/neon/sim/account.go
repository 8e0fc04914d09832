package neonsim

import (
	"net/http"
	"slices"
)

const userID = "0b6d1a3e-8f52-4a51-9a55-6f8f3a1f2c11"

// known reports whether a call has one of the keys.
func known(r *http.Request) bool {
	return r.Header.Get("Authorization") == "Bearer "+APIKey || ofOrganization(r)
}

// ofOrganization reports whether the call's key is one that the first organisation owns.
func ofOrganization(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+OrgKey }

// visible are the organisations that a key belongs to.
func visible(r *http.Request) []org {
	if ofOrganization(r) {
		return orgs()[:1]
	}
	return orgs()
}

// orgOf returns the organisation that a call is about: a key of one organisation need not name it.
func orgOf(r *http.Request, id string) (org, *failure) {
	if id == "" && ofOrganization(r) {
		return orgs()[0], nil
	}
	if id == "" {
		return org{}, bad("org_id is required, you can find it on your organization settings page")
	}
	i := slices.IndexFunc(visible(r), func(o org) bool { return o.id == id })
	if i < 0 {
		return org{}, missing("organization")
	}
	return visible(r)[i], nil
}

// inOrg finds the organisation of a path.
func inOrg(do func(*http.Request, org) (any, *failure)) answer {
	return func(r *http.Request) (any, *failure) {
		o, f := orgOf(r, r.PathValue("org"))
		if f != nil {
			return nil, f
		}
		return do(r, o)
	}
}

func auth(r *http.Request) (any, *failure) {
	if ofOrganization(r) {
		return object{"account_id": orgs()[0].id, "auth_method": "api_key_org"}, nil
	}
	return object{"account_id": userID, "auth_method": "api_key_user"}, nil
}

func me(r *http.Request) (any, *failure) {
	if ofOrganization(r) {
		return nil, &failure{http.StatusForbidden, "not allowed for organization API keys"}
	}
	return object{
		"active_seconds_limit": -1, "auth_accounts": []any{}, "email": "ops@example.com", "id": userID, "image": "",
		"login": "ops", "name": "Ops", "last_name": "", "projects_limit": 100, "branches_limit": 500,
		"max_autoscaling_limit": 8, "plan": "scale_v3",
	}, nil
}

func (o org) json() any {
	return object{
		"id": o.id, "name": o.name, "handle": o.handle, "plan": o.plan, "managed_by": "console",
		"created_at": "2025-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
	}
}

func listOrganizations(r *http.Request) (any, *failure) {
	return object{"organizations": encoded(visible(r), org.json)}, nil
}

func getOrganization(_ *http.Request, o org) (any, *failure) { return o.json(), nil }

func listMembers(r *http.Request, o org) (any, *failure) {
	if _, f := word(r, "sort_by", "joined_at", "email", "role"); f != nil {
		return nil, f
	}
	return object{"members": []any{object{
		"member": object{"id": "9c1b7d2e-3f60-4e0b-8d5b-2f1c7a9e0d44", "user_id": userID, "org_id": o.id, "role": "admin"},
		"user":   object{"email": "ops@example.com", "has_mfa": true},
	}}}, nil
}

func listKeys(*http.Request) (any, *failure) {
	return []any{object{
		"id": 165434, "name": "cloudtop", "created_at": "2026-01-01T00:00:00Z", "last_used_from_addr": "",
		"created_by": object{"id": userID, "name": "Ops", "image": ""},
	}}, nil
}

func spendingLimit(*http.Request, org) (any, *failure) {
	return object{"spending_limit_cents": nil}, nil
}

func regions(*http.Request) (any, *failure) {
	all := []any{}
	for i, id := range regionIDs() {
		all = append(all, object{"region_id": id, "name": id, "default": i == 0, "geo_lat": "0", "geo_long": "0"})
	}
	return object{"regions": all}, nil
}
