package azuresim

import (
	"net/http"
	"slices"
	"strings"
)

// The types that are parts of resources, or that others are parts of.
const (
	vmType        = "microsoft.compute/virtualmachines"
	setType       = "microsoft.compute/virtualmachinescalesets"
	clusterType   = "microsoft.containerservice/managedclusters"
	sqlServerType = "microsoft.sql/servers"
	cardType      = "microsoft.network/networkinterfaces"
	addressType   = "microsoft.network/publicipaddresses"
)

// target is what a path below a subscription names: [resourceGroups/{group}/]providers/{namespace}/{type}/{name}/...
type target struct {
	sub   *subscription
	group string   // lower case; empty = all of the subscription
	kind  string   // "microsoft.sql/servers/databases", lower case
	names []string // lower case, one for each type; of a list, one fewer
	list  bool
}

// aim reads rest, which follows the subscription and is lower case.
func aim(s *subscription, rest []string) (t target, ok bool) {
	t.sub = s
	if len(rest) > 2 && rest[0] == "resourcegroups" {
		t.group, rest = rest[1], rest[2:]
	}
	if len(rest) < 3 || rest[0] != "providers" {
		return t, false
	}
	t.kind = rest[1]
	for i, part := range rest[2:] {
		if i%2 == 0 {
			t.kind += "/" + part
		} else {
			t.names = append(t.names, part)
		}
	}
	t.list = len(rest)%2 == 1
	return t, t.group != "" || len(t.names) == 0
}

// serveResources answers lists of resources and single ones, as their resource providers do.
func (c *cloud) serveResources(w http.ResponseWriter, r *http.Request, s *subscription, rest []string) *problem {
	t, ok := aim(s, rest)
	if !ok || !c.provides(t.kind) {
		return invalidPath(r)
	}
	if r.Method != http.MethodGet {
		return c.mayNot(r, &t)
	}
	if t.group != "" && !s.hasGroup(t.group) {
		return noGroup(t.group)
	}
	v, p := c.answerTo(r, &t)
	if p == nil {
		writeJSON(w, http.StatusOK, v)
	}
	return p
}

// provides reports whether a type is one of the tenant's, a part of one, or made of them.
func (c *cloud) provides(arm string) bool {
	return slices.Contains([]string{sqlServerType, cardType, addressType}, arm) || slices.ContainsFunc(c.kinds, func(k *kind) bool {
		return arm == k.lower || strings.HasPrefix(arm, k.lower+"/")
	})
}

func (s *subscription) hasGroup(name string) bool {
	return slices.ContainsFunc(s.groups, func(g string) bool { return strings.EqualFold(g, name) })
}

func noGroup(name string) *problem {
	return &problem{http.StatusNotFound, "ResourceGroupNotFound", "Resource group '" + name + "' could not be found.", nil}
}

// mayNot is what a principal with the role Reader is told when it would change something.
func (c *cloud) mayNot(r *http.Request, t *target) *problem {
	action := t.kind + map[string]string{
		http.MethodDelete: "/delete", http.MethodPost: "/action",
	}[r.Method]
	if r.Method == http.MethodPut || r.Method == http.MethodPatch {
		action += "/write"
	}
	return c.forbidden(action, r.URL.Path)
}

// answerTo answers a GET.
func (c *cloud) answerTo(r *http.Request, t *target) (any, *problem) {
	if all, ok := c.derived(t); ok {
		return t.among(r, all)
	}
	outer := c.byID[t.id()]
	switch {
	case len(t.names) > 0 && outer == nil && !(t.list && c.isServer(t)):
		return nil, t.notFound()
	case t.kind == vmType+"/instanceview":
		return outer.instanceView(), nil
	case t.kind == setType+"/virtualmachines" && t.list:
		return paged(r, outer.instances(), same)
	case t.kind == clusterType+"/agentpools" && t.list:
		return paged(r, outer.agentPools(), same)
	}
	v := viewOf(r.URL.Query(), t.list)
	switch {
	case t.list && slices.ContainsFunc(c.kinds, func(k *kind) bool { return k.lower == t.kind }):
		return paged(r, c.under(t), func(it *resource) any { return it.arm(v) })
	case !t.list && outer.kind.lower == t.kind:
		return outer.arm(v), nil
	}
	return nil, invalidPath(r)
}

// among answers with all, or with the one that the target names.
func (t *target) among(r *http.Request, all []map[string]any) (any, *problem) {
	if t.list {
		return paged(r, all, same)
	}
	i := slices.IndexFunc(all, func(m map[string]any) bool { return strings.EqualFold(m["name"].(string), t.names[0]) })
	if i < 0 {
		return nil, t.notFound()
	}
	return all[i], nil
}

func same(m map[string]any) any { return m }

func (t *target) notFound() *problem {
	return &problem{http.StatusNotFound, "ResourceNotFound", "The Resource '" + t.outer() + "/" + t.names[0] + "' under resource group '" +
		t.group + "' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix", nil}
}

// outer is the type of the outermost resource.
func (t *target) outer() string {
	parts := strings.SplitN(t.kind, "/", 3)
	return strings.Join(parts[:2], "/")
}

// id is the innermost resource that the path names; of a part that is no resource of its own, what it is a part of.
func (t *target) id() string {
	parts := strings.Split(t.kind, "/")
	id := []string{"/subscriptions", t.sub.id, "resourcegroups", t.group, "providers", parts[0]}
	for i, n := range t.names {
		id = append(id, parts[i+1], n)
	}
	return strings.Join(id, "/")
}

// under are the resources of the target's type in its place, in the order of their ids.
func (c *cloud) under(t *target) []*resource {
	var out []*resource
	for _, it := range c.resources {
		if it.sub != t.sub || it.kind.lower != t.kind || t.group != "" && !strings.EqualFold(it.group, t.group) {
			continue
		}
		if id := strings.ToLower(it.id); len(t.names) == 0 || id == t.id() || t.list && strings.HasPrefix(id, t.id()+"/") {
			out = append(out, it)
		}
	}
	return out
}
