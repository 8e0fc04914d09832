package azuresim

import (
	"net/http"
	"slices"
	"strings"
)

// What lies beside the resources themselves: groups, the list of everything, locations, tenants, resource providers
// (learn.microsoft.com: rest/api/resources).

// listGroups answers resourceGroups.
func (s *subscription) listGroups(r *http.Request) (any, *problem) {
	groups := slices.Sorted(slices.Values(s.groups))
	return paged(r, groups, func(g string) any { return s.groupForm(g) })
}

func (s *subscription) groupForm(name string) any {
	return map[string]any{
		"id": "/subscriptions/" + s.id + "/resourceGroups/" + name, "name": name, "type": "Microsoft.Resources/resourceGroups",
		"location": s.regions[0], "properties": map[string]any{"provisioningState": "Succeeded"},
	}
}

// group answers resourceGroups/{name}.
func (s *subscription) group(name string) (any, *problem) {
	i := slices.IndexFunc(s.groups, func(g string) bool { return strings.EqualFold(g, name) })
	if i < 0 {
		return nil, noGroup(name)
	}
	return s.groupForm(s.groups[i]), nil
}

// listGeneric answers resources: all types, without properties. The filter is OData's.
func (c *cloud) listGeneric(r *http.Request, s *subscription, group string) (any, *problem) {
	if group != "" && !s.hasGroup(group) {
		return nil, noGroup(group)
	}
	keep := func(*record) any { return true }
	if f := r.URL.Query().Get("$filter"); f != "" {
		var err error
		if keep, err = odata(strings.ToLower(f), "resourcetype", "name", "location", "resourcegroup"); err != nil {
			return nil, &problem{http.StatusBadRequest, "InvalidFilterInQueryString", "Invalid $filter '" + f + "' specified in the query string.", nil}
		}
	}
	var all []*resource
	for _, it := range c.resources {
		if it.sub != s || group != "" && !strings.EqualFold(it.group, group) {
			continue
		}
		if truth(keep(&record{cells: map[string]any{
			"resourcetype": it.kind.lower, "name": strings.ToLower(it.name), "location": it.region, "resourcegroup": strings.ToLower(it.group),
		}})) {
			all = append(all, it)
		}
	}
	return paged(r, all, func(it *resource) any {
		one := it.arm(view{})
		delete(one, "properties")
		delete(one, "systemData")
		return one
	})
}

// place is an Azure region.
type place struct{ name, title, geography string }

func places() map[string]place {
	return map[string]place{
		"eastus":        {"East US", "(US) East US", "US"},
		"northeurope":   {"North Europe", "(Europe) North Europe", "Europe"},
		"swedencentral": {"Sweden Central", "(Europe) Sweden Central", "Europe"},
		"westeurope":    {"West Europe", "(Europe) West Europe", "Europe"},
	}
}

// listLocations answers locations.
func (s *subscription) listLocations() (any, *problem) {
	all := []any{}
	for _, name := range regionNames() {
		p := places()[name]
		all = append(all, map[string]any{
			"id": "/subscriptions/" + s.id + "/locations/" + name, "name": name, "type": "Region", "displayName": p.name,
			"regionalDisplayName": p.title,
			"metadata":            map[string]any{"regionType": "Physical", "regionCategory": "Recommended", "geographyGroup": p.geography},
		})
	}
	return map[string]any{"value": all}, nil
}

func regionNames() []string { return []string{"eastus", "northeurope", "swedencentral", "westeurope"} }

// listTenants answers tenants.
func (c *cloud) listTenants() (any, *problem) {
	return map[string]any{"value": []any{map[string]any{
		"id": "/tenants/" + c.tenant, "tenantId": c.tenant, "countryCode": "DE", "displayName": "Contoso", "tenantType": "AAD",
		"domains": []string{"contoso.example"}, "defaultDomain": "contoso.example", "tenantCategory": "Home",
	}}, "nextLink": ""}, nil
}

// listProviders answers providers: the namespaces that the tenant uses, all of them registered.
func (c *cloud) listProviders(scope, only string) (any, *problem) {
	types := map[string][]any{}
	var order []string
	for _, k := range c.kinds {
		namespace, name, _ := strings.Cut(k.armType(), "/")
		if types[namespace] == nil {
			order = append(order, namespace)
		}
		if k.service == "web_apps" {
			continue // the same type as functions
		}
		locations := []string{}
		for _, region := range regionNames() {
			locations = append(locations, places()[region].name)
		}
		types[namespace] = append(types[namespace], map[string]any{
			"resourceType": name, "locations": locations, "apiVersions": []string{"2025-04-01", "2024-11-01", "2023-05-01"}, "capabilities": "None",
		})
	}
	all := []any{}
	for _, namespace := range order {
		one := map[string]any{
			"id": scope + "/providers/" + namespace, "namespace": namespace, "resourceTypes": types[namespace],
			"registrationState": "Registered", "registrationPolicy": "RegistrationRequired",
		}
		if strings.EqualFold(namespace, only) {
			return one, nil
		}
		all = append(all, one)
	}
	if only != "" {
		return nil, &problem{http.StatusNotFound, "InvalidResourceNamespace", "The resource namespace '" + only + "' is invalid.", nil}
	}
	return map[string]any{"value": all}, nil
}

// listOperations answers operations: what a principal may be allowed of a namespace, which is lower case.
func listOperations(namespace string) (any, *problem) {
	reads := map[string][3]string{
		"microsoft.resourcegraph": {"Microsoft.ResourceGraph", "Microsoft Resource Graph", "resources"},
		"microsoft.resources":     {"Microsoft.Resources", "Microsoft Resources", "subscriptions"},
		"microsoft.compute":       {"Microsoft.Compute", "Microsoft Compute", "virtualMachines"},
		"microsoft.insights":      {"Microsoft.Insights", "Microsoft Monitoring Insights", "metrics"},
	}
	of, ok := reads[namespace]
	if !ok {
		return nil, &problem{http.StatusNotFound, "InvalidResourceNamespace", "The resource namespace '" + namespace + "' is invalid.", nil}
	}
	return map[string]any{"value": []any{map[string]any{
		"name":    of[0] + "/" + of[2] + "/read",
		"display": map[string]any{"provider": of[1], "resource": of[2], "operation": "Read " + of[2], "description": "Reads " + of[2] + "."},
	}}}, nil
}
