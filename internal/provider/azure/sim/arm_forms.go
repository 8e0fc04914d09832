package azuresim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// armPage is how many resources a page of a list has.
const armPage = 500

// paged answers one page of a list; nextLink asks for the next one.
func paged[T any](r *http.Request, all []T, form func(T) any) (any, *problem) {
	q, mark := r.URL.Query(), fingerprint(strings.ToLower(r.URL.Path), nil)
	from := 0
	if s := q.Get("$skiptoken"); s != "" {
		n, ok := readToken(s, mark)
		if !ok || n < 0 || n > len(all) {
			return nil, &problem{http.StatusBadRequest, "InvalidSkipToken", "The provided skip token is invalid.", nil}
		}
		from = n
	}
	size := armPage
	if n, err := strconv.Atoi(q.Get("$top")); err == nil && n > 0 {
		size = min(n, size)
	}
	to := min(from+size, len(all))
	page := make([]any, 0, to-from)
	for _, it := range all[from:to] {
		page = append(page, form(it))
	}
	out := map[string]any{"value": page}
	if to < len(all) {
		q.Set("$skiptoken", writeToken(to, mark))
		out["nextLink"] = "https://" + managementHost + r.URL.EscapedPath() + "?" + q.Encode()
	}
	return out, nil
}

// view is how much of a machine is asked for.
type view struct{ instance, statusOnly bool }

func viewOf(q url.Values, list bool) view {
	v := view{instance: strings.EqualFold(q.Get("$expand"), "instanceView")}
	v.statusOnly = list && strings.EqualFold(q.Get("statusonly"), "true")
	return v
}

// armType is the type as Azure Resource Manager writes it.
func (k *kind) armType() string {
	if k.service == "sql" {
		return k.arm + "/databases"
	}
	return k.arm
}

// arm is a resource as its resource provider gives it. Resource Graph's "extended" is not part of it.
func (r *resource) arm(v view) map[string]any {
	out := map[string]any{"id": r.id, "name": r.name, "type": r.kind.armType(), "location": r.region}
	r.kind.row(r, out)
	if r.tags != nil {
		out["tags"] = r.tags
	}
	body := r.kind.body(r)
	switch r.kind.service {
	case "vms":
		delete(body, "extended")
		if v.statusOnly {
			body = map[string]any{"vmId": body["vmId"], "provisioningState": r.provisioning, "hardwareProfile": body["hardwareProfile"]}
		}
		if v.instance || v.statusOnly {
			body["instanceView"] = r.instanceView()
		}
	case "functions", "web_apps":
		out["location"] = places()[r.region].name // App Service writes display names
	case "aks", "container_apps", "postgresql":
		out["systemData"] = map[string]any{
			"createdBy": "ops@contoso.example", "createdByType": "User", "createdAt": r.created.UTC().Format(time.RFC3339),
			"lastModifiedBy": "ops@contoso.example", "lastModifiedByType": "User", "lastModifiedAt": r.created.UTC().Format(time.RFC3339),
		}
	}
	out["properties"] = body
	return out
}

// instanceView is what a machine does (armcompute VirtualMachineInstanceView). Without a power state there is no code.
func (r *resource) instanceView() any {
	status := func(code, text string) any {
		return map[string]any{"code": code, "level": "Info", "displayStatus": text, "time": r.at()}
	}
	statuses := []any{status("ProvisioningState/"+strings.ToLower(r.provisioning), "Provisioning "+strings.ToLower(r.provisioning))}
	if r.state != "" {
		statuses = append(statuses, status("PowerState/"+r.state, "VM "+r.state))
	}
	return map[string]any{
		"computerName": r.name, "hyperVGeneration": "V2", "statuses": statuses,
		"osName": map[bool]string{true: "Windows", false: "Linux"}[r.windows],
	}
}

// instances are the machines of a scale set.
func (r *resource) instances() []map[string]any {
	all := make([]map[string]any, r.count)
	for i := range all {
		name := fmt.Sprintf("%s_%d", r.name, i)
		all[i] = map[string]any{
			"instanceId": strconv.Itoa(i), "id": r.id + "/virtualMachines/" + strconv.Itoa(i), "name": name, "location": r.region,
			"type": r.kind.arm + "/virtualMachines", "sku": map[string]any{"name": r.size.name, "tier": "Standard"},
			"properties": map[string]any{
				"latestModelApplied": true, "vmId": r.uuid(uint64(100 + i)), "provisioningState": r.provisioning,
				"hardwareProfile": map[string]any{"vmSize": r.size.name},
				"instanceView": map[string]any{"statuses": []any{
					map[string]any{"code": "ProvisioningState/" + strings.ToLower(r.provisioning), "level": "Info"},
					map[string]any{"code": "PowerState/running", "level": "Info", "displayStatus": "VM running"},
				}},
			},
		}
	}
	return all
}

// agentPools are the node pools of a cluster, as resources of their own.
func (r *resource) agentPools() []map[string]any {
	var all []map[string]any
	for _, p := range clusterPools(r) {
		one := p.(map[string]any)
		name := one["name"].(string)
		delete(one, "name")
		all = append(all, map[string]any{
			"id": r.id + "/agentPools/" + name, "name": name, "type": r.kind.arm + "/agentPools", "properties": one,
		})
	}
	return all
}

// derived are the resources of a type that stands for itself in Azure and that the tenant only has beside others: SQL's
// logical servers and the network cards of machines. False where the type is none of them.
func (c *cloud) derived(t *target) (all []map[string]any, ok bool) {
	form := map[string]func(*resource) map[string]any{
		sqlServerType: (*resource).sqlServer, cardType: (*resource).card, addressType: nil,
	}
	of, ok := form[t.kind]
	if !ok || of == nil {
		return nil, ok
	}
	seen := map[any]bool{}
	for _, it := range c.resources {
		if it.sub != t.sub || t.group != "" && !strings.EqualFold(it.group, t.group) {
			continue
		}
		if m := of(it); m != nil && !seen[m["id"]] {
			seen[m["id"]] = true
			all = append(all, m)
		}
	}
	return all, true
}

// isServer reports whether the target is a list of what a logical server has.
func (c *cloud) isServer(t *target) bool {
	server := target{sub: t.sub, group: t.group, kind: t.outer(), names: t.names[:1]}
	all, ok := c.derived(&server)
	return ok && slices.ContainsFunc(all, func(m map[string]any) bool { return strings.EqualFold(m["name"].(string), t.names[0]) })
}

// sqlServer is the logical server of a database.
func (r *resource) sqlServer() map[string]any {
	if r.kind.service != "sql" {
		return nil
	}
	name, _, _ := strings.Cut(r.parent, "/")
	return map[string]any{
		"id": r.id[:strings.LastIndex(r.id, "/databases/")], "name": name, "type": r.kind.arm, "location": r.region, "kind": "v12.0",
		"properties": map[string]any{
			"administratorLogin": "sqladmin", "version": "12.0", "state": "Ready", "publicNetworkAccess": "Enabled",
			"fullyQualifiedDomainName": name + ".database.windows.net", "minimalTlsVersion": "1.2",
		},
	}
}

// card is the network card of a machine. It has no public address.
func (r *resource) card() map[string]any {
	if r.kind.service != "vms" {
		return nil
	}
	private := fmt.Sprintf("10.%d.%d.%d", r.seed%200, r.seed/200%250, 4+r.seed/50000%250)
	return map[string]any{
		"id": r.cardID(), "name": r.name + "-nic", "type": "Microsoft.Network/networkInterfaces", "location": r.region,
		"properties": map[string]any{
			"provisioningState": "Succeeded", "primary": true, "macAddress": "00-0D-3A-00-00-01", "virtualMachine": map[string]any{"id": r.id},
			"ipConfigurations": []any{map[string]any{
				"name": "ipconfig1", "id": r.cardID() + "/ipConfigurations/ipconfig1", "properties": map[string]any{
					"primary": true, "privateIPAddress": private, "privateIPAllocationMethod": "Dynamic", "privateIPAddressVersion": "IPv4",
				},
			}},
		},
	}
}

func (r *resource) cardID() string {
	return "/subscriptions/" + r.sub.id + "/resourceGroups/" + r.group + "/providers/Microsoft.Network/networkInterfaces/" + r.name + "-nic"
}
