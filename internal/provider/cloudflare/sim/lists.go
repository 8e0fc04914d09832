package cloudflaresim

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

func encodeAll[T any](all []T) [][]byte {
	rows := make([][]byte, len(all))
	for i := range all {
		rows[i] = encode(all[i])
	}
	return rows
}

// rows returns a list, whose elements are encoded once.
func (a *account) rows(list string) [][]byte {
	a.encoding.Do(a.encodeLists)
	return a.encoded[list]
}

func (a *account) encodeLists() {
	a.encoded = map[string][][]byte{
		"scripts": encodeAll(a.scripts), "databases": encodeAll(a.databases), "namespaces": encodeAll(a.namespaces),
		"queues": encodeAll(a.queues), "objects": encodeAll(a.objects),
	}
	for _, p := range a.projects {
		a.encoded["projects"] = append(a.encoded["projects"], encode(p.value))
	}
	for _, b := range a.buckets {
		list := "buckets " + b.Jurisdiction
		a.encoded[list] = append(a.encoded[list], encode(b))
	}
	for _, m := range catalogue() {
		a.encoded["models"] = append(a.encoded["models"], encode(object{
			"id": tagOf(m[0]), "source": 1, "name": m[0], "description": "A model for " + m[1], "tags": []string{},
			"task":       object{"id": tagOf(m[1]), "name": m[1], "description": m[1]},
			"properties": []object{{"property_id": "beta", "value": "false"}},
		}))
	}
}

// tagOf makes an identifier of a name.
func tagOf(name string) string {
	const digits = "0123456789abcdef"
	id, h := []byte(strings.Repeat("0", 32)), uint64(14695981039346656037)
	for i := range 32 {
		for _, c := range []byte(name) {
			h = (h ^ uint64(c) ^ uint64(i)) * 1099511628211
		}
		id[i] = digits[h>>60]
	}
	return string(id)
}

func (c *cloudflare) listAccounts(r *http.Request, _ *account) (*result, *failure) {
	visible := slices.Clone(c.accounts)
	if tokenOwner(r) != "" {
		visible = visible[:1]
	}
	if r.URL.Query().Get("direction") == "desc" {
		slices.Reverse(visible)
	}
	visible = slices.DeleteFunc(visible, func(a *account) bool { return !strings.Contains(a.Name, r.URL.Query().Get("name")) })
	b := bounds{5, 50, 20}
	return paginate(r, encodeAll(visible), b, outside(b))
}

func getAccount(_ *http.Request, a *account) (*result, *failure) { return &result{value: a}, nil }

func listScripts(r *http.Request, a *account) (*result, *failure) {
	res := &result{list: true}
	for i, row := range a.rows("scripts") {
		if a.scripts[i].tagged(r.URL.Query().Get("tags")) {
			res.rows = append(res.rows, row)
		}
	}
	return res, nil
}

func accountSettings(_ *http.Request, a *account) (*result, *failure) {
	model := "standard"
	if a.free {
		model = "bundled"
	}
	return &result{value: object{"default_usage_model": model, "green_compute": false}}, nil
}

func subdomain(_ *http.Request, a *account) (*result, *failure) {
	return &result{value: object{"subdomain": "acme-" + a.ID[:6]}}, nil
}

func listObjectNamespaces(r *http.Request, a *account) (*result, *failure) {
	b := bounds{1, 1000, 20}
	return paginate(r, a.rows("objects"), b, outside(b))
}

func listDatabases(r *http.Request, a *account) (*result, *failure) {
	b := bounds{10, 10_000, 1000}
	rows := a.rows("databases")
	if name := r.URL.Query().Get("name"); name != "" {
		rows = nil
		for i, d := range a.databases {
			if d.Name == name {
				rows = append(rows, a.rows("databases")[i])
			}
		}
	}
	return paginate(r, rows, b, outside(b))
}

// getDatabase answers with what the list does not hold: size and tables.
func (c *cloudflare) getDatabase(r *http.Request, a *account) (*result, *failure) {
	for _, d := range a.databases {
		if d.UUID == r.PathValue("id") {
			return &result{value: object{
				"uuid": d.UUID, "name": d.Name, "version": d.Version, "created_at": d.CreatedAt, "num_tables": d.tables,
				"file_size": d.use.size.at(c.world.Now()), "jurisdiction": d.Jurisdiction,
				"read_replication": object{"mode": d.replication},
			}}, nil
		}
	}
	return nil, fail(http.StatusNotFound, 7404, "The database "+r.PathValue("id")+" could not be found")
}

func listNamespaces(r *http.Request, a *account) (*result, *failure) {
	b := bounds{5, 1000, 20} // 100 in the description of 2024; wrangler 4.60.0 asks for 1000
	rows := a.rows("namespaces")
	if field, down := r.URL.Query().Get("order"), r.URL.Query().Get("direction") == "desc"; field != "" || down {
		index := make([]int, len(rows))
		for i := range index {
			index[i] = i
		}
		slices.SortFunc(index, func(x, y int) int {
			order := cmp.Compare(a.namespaces[x].ID, a.namespaces[y].ID)
			if field == "title" {
				order = cmp.Compare(a.namespaces[x].Title, a.namespaces[y].Title)
			}
			if down {
				return -order
			}
			return order
		})
		sorted := make([][]byte, len(rows))
		for i, at := range index {
			sorted[i] = rows[at]
		}
		rows = sorted
	}
	return paginate(r, rows, b, outside(b))
}

func getNamespace(r *http.Request, a *account) (*result, *failure) {
	for _, n := range a.namespaces {
		if n.ID == r.PathValue("id") {
			return &result{value: n}, nil
		}
	}
	return nil, fail(http.StatusNotFound, 10013, "get namespace: 'namespace not found'")
}

func searchModels(r *http.Request, a *account) (*result, *failure) {
	rows := a.rows("models")
	if words := r.URL.Query().Get("search"); words != "" {
		rows = slices.DeleteFunc(slices.Clone(rows), func(row []byte) bool { return !bytes.Contains(row, []byte(words)) })
	}
	b := bounds{1, 1000, 50}
	return paginate(r, rows, b, outside(b))
}

func listQueues(r *http.Request, a *account) (*result, *failure) {
	rows := a.rows("queues")
	if name := r.URL.Query().Get("name"); name != "" { // as wrangler asks
		rows = nil
		for i, q := range a.queues {
			if q.Name == name {
				rows = append(rows, a.rows("queues")[i])
			}
		}
	}
	b := bounds{1, 100, 100}
	return paginate(r, rows, b, outside(b))
}

func listProjects(r *http.Request, a *account) (*result, *failure) {
	return paginate(r, a.rows("projects"), bounds{1, 10, 10}, func() *failure {
		return fail(http.StatusBadRequest, 8000024, "Invalid list options provided. Review the `page` or `per_page` parameter.")
	})
}

func getProject(r *http.Request, a *account) (*result, *failure) {
	p, bad := a.project(r.PathValue("name"))
	if bad != nil {
		return nil, bad
	}
	return &result{value: p.value}, nil
}

func (a *account) project(name string) (*project, *failure) {
	for _, p := range a.projects {
		if p.name == name {
			return p, nil
		}
	}
	return nil, fail(http.StatusNotFound, 8000007, "Project not found. The specified project name does not match any of your existing projects.")
}

var errNoR2 = fail(http.StatusForbidden, 10042, "Please enable R2 through the Cloudflare Dashboard.") //nolint:gochecknoglobals // an error

// jurisdictionOf returns whose buckets a call is about.
func jurisdictionOf(r *http.Request) (string, *failure) {
	j := r.Header.Get("Cf-R2-Jurisdiction")
	if j == "" {
		j = "default"
	}
	if j != "default" && j != "eu" && j != "fedramp" {
		return "", fail(http.StatusBadRequest, 10083, "Invalid jurisdiction.")
	}
	return j, nil
}

// listBuckets pages by a cursor that holds the last name of the page before.
func listBuckets(r *http.Request, a *account) (*result, *failure) {
	j, bad := jurisdictionOf(r)
	if a.noR2 {
		bad = errNoR2
	}
	q := r.URL.Query()
	size, ok := number(r, "per_page", 20)
	after, err := base64.RawURLEncoding.DecodeString(q.Get("cursor"))
	switch {
	case bad != nil:
		return nil, bad
	case !ok || size < 1 || size > 1000:
		return nil, fail(http.StatusBadRequest, 10022, "The per_page parameter must be between 1 and 1000.")
	case err != nil:
		return nil, fail(http.StatusBadRequest, 10024, "Invalid cursor.")
	}
	start := max(string(after), q.Get("start_after"))
	contains := q.Get("name_contains")
	res, rows := &result{list: true, in: "buckets"}, a.rows("buckets "+j)
	cursor, last, i := "", "", -1
	for _, b := range a.buckets {
		if b.Jurisdiction != j {
			continue
		}
		i++
		if b.Name <= start || !strings.Contains(b.Name, contains) {
			continue
		}
		if len(res.rows) == size {
			cursor = base64.RawURLEncoding.EncodeToString([]byte(last))
			break
		}
		res.rows, last = append(res.rows, rows[i]), b.Name
	}
	info := object{"per_page": size}
	if cursor != "" {
		info["cursor"] = cursor
	}
	res.info = info
	return res, nil
}

func getBucket(r *http.Request, a *account) (*result, *failure) {
	j, bad := jurisdictionOf(r)
	if a.noR2 {
		bad = errNoR2
	}
	if bad != nil {
		return nil, bad
	}
	for _, b := range a.buckets {
		if b.Name == r.PathValue("name") && b.Jurisdiction == j {
			return &result{value: b}, nil
		}
	}
	return nil, fail(http.StatusNotFound, 10006, "The specified bucket does not exist.")
}

func (c *cloudflare) r2Metrics(_ *http.Request, a *account) (*result, *failure) {
	classes := map[string]object{}
	for class, name := range map[string]string{"Standard": "standard", "InfrequentAccess": "infrequentAccess"} {
		var size, items float64
		for _, b := range a.buckets {
			if b.StorageClass == class {
				size, items = size+b.use.size.at(c.world.Now()), items+b.use.items.at(c.world.Now())
			}
		}
		classes[name] = object{
			"published": object{"payloadSize": size, "metadataSize": items * 100, "objects": items},
			"uploaded":  object{"payloadSize": 0, "metadataSize": 0, "objects": 0},
		}
	}
	return &result{value: classes}, nil
}
