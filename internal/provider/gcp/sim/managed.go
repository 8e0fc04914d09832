package gcpsim

import (
	"strconv"
	"time"
)

// listClusters is projects.locations.clusters.list, which is not paged.
func (c *cloud) listClusters(in *call) (any, *problem) {
	where, bad := located(in, true)
	if bad != nil {
		return nil, bad
	}
	owner := c.project(in.PathValue("project"))
	below, _ := in.mask.at("clusters")
	all := c.ready(in, "clusters "+owner.id+where, below, func(add func(object)) {
		for _, k := range of(c.clusters, owner, func(k *cluster) *project { return k.project }) {
			if where == "" || k.location == where {
				add(k.object())
			}
		}
	})
	out := object{}
	put(in, out, "clusters", all)
	return out, nil
}

// object is the schema Cluster.
func (k *cluster) object() object {
	o := object{
		"name": k.name, "location": k.location, "zone": k.location, "status": k.status, "currentMasterVersion": "1.34.1-gke.2037000",
		"currentNodeVersion": "1.34.1-gke.2037000", "currentNodeCount": k.nodes, "createTime": k.created.Format(time.RFC3339),
		"network": "default", "subnetwork": "default", "endpoint": "34.1.2.3", "releaseChannel": object{"channel": "REGULAR"},
		"selfLink":   "https://container.googleapis.com/v1/projects/" + k.project.id + "/locations/" + k.location + "/clusters/" + k.name,
		"masterAuth": object{"username": "admin", "password": "MARKER-SECRET", "clientKey": "MARKER-SECRET"},
		"nodePools": []object{{
			"name": "default-pool", "config": object{"machineType": "e2-standard-4", "metadata": object{"token": "MARKER-SECRET"}},
			"initialNodeCount": k.nodes,
		}},
		"locations": []string{k.location}, "id": "0123456789abcdef" + k.name,
	}
	if k.labels != nil {
		o["resourceLabels"] = k.labels
	}
	if k.autopilot {
		o["autopilot"] = object{"enabled": true}
	}
	if k.status == "ERROR" || k.status == "DEGRADED" {
		o["statusMessage"] = "Google Compute Engine: IP space is exhausted."
	}
	return o
}

func (c *cloud) listFunctions(in *call) (any, *problem) {
	where, bad := located(in, true)
	if bad != nil {
		return nil, bad
	}
	owner := c.project(in.PathValue("project"))
	below, _ := in.mask.at("functions")
	all := c.ready(in, "functions "+owner.id+where, below, func(add func(object)) {
		for _, f := range of(c.functions, owner, func(f *function) *project { return f.project }) {
			if where == "" || f.region == where {
				add(f.object())
			}
		}
	})
	p, bad := in.pageOf(len(all), 1000, "pageSize", false)
	if bad != nil {
		return nil, bad
	}
	out := object{}
	put(in, out, "functions", all[p.from:p.to])
	putNext(in, out, p)
	return out, nil
}

// path is the function's full name.
func (f *function) path() string {
	return "projects/" + f.project.id + "/locations/" + f.region + "/functions/" + f.name
}

// object is the schema Function.
func (f *function) object() object {
	o := object{
		"name": f.path(), "state": f.state, "environment": "GEN_2", "createTime": f.created.Format("2006-01-02T15:04:05.000000000Z"),
		"updateTime":  f.created.Add(time.Hour).Format("2006-01-02T15:04:05.000000000Z"),
		"buildConfig": object{"runtime": f.runtime, "entryPoint": "Handle", "environmentVariables": object{"NPM_TOKEN": "MARKER-SECRET"}},
		"serviceConfig": object{
			"availableMemory": "256Mi", "availableCpu": "0.1666", "timeoutSeconds": 60, "maxInstanceCount": 100,
			"environmentVariables": object{"API_TOKEN": "MARKER-SECRET"}, "serviceAccountEmail": "fn@" + f.project.id + ".iam.gserviceaccount.com",
		},
		"url": "https://" + f.region + "-" + f.project.id + ".cloudfunctions.net/" + f.name,
	}
	if f.first {
		o["environment"] = "GEN_1"
	} else {
		o["serviceConfig"].(object)["service"] = "projects/" + f.project.id + "/locations/" + f.region + "/services/" + f.name
	}
	if f.labels != nil {
		o["labels"] = f.labels
	}
	if f.state == "FAILED" || f.state == "UNKNOWN" {
		o["stateMessages"] = []object{{"severity": "ERROR", "type": "CloudRunServiceNotFound", "message": "Cloud Run service was not found."}}
	}
	return o
}

// listServices is projects.locations.services.list, region by region.
func (c *cloud) listServices(in *call) (any, *problem) {
	where, bad := located(in, false)
	if bad != nil {
		return nil, bad
	}
	owner := c.project(in.PathValue("project"))
	below, _ := in.mask.at("services")
	all := c.ready(in, "services "+owner.id+where, below, func(add func(object)) {
		for _, s := range of(c.services, owner, func(s *service) *project { return s.project }) {
			if s.region == where {
				add(s.object())
			}
		}
	})
	p, bad := in.pageOf(len(all), 1000, "pageSize", false)
	if bad != nil {
		return nil, bad
	}
	out := object{}
	put(in, out, "services", all[p.from:p.to])
	putNext(in, out, p)
	return out, nil
}

// path is the service's full name.
func (s *service) path() string {
	return "projects/" + s.project.id + "/locations/" + s.region + "/services/" + s.name
}

// object is the schema GoogleCloudRunV2Service.
func (s *service) object() object {
	condition := object{"type": "Ready", "state": s.state}
	if s.state == "CONDITION_FAILED" {
		condition["reason"], condition["message"] = "REVISION_FAILED", "The user-provided container failed to start."
	}
	o := object{
		"name": s.path(), "uid": "6f1c0000-" + s.name, "generation": "7", "createTime": s.created.Format("2006-01-02T15:04:05.000000Z"),
		"updateTime": s.created.Add(time.Hour).Format("2006-01-02T15:04:05.000000Z"), "creator": "ops@acme.example",
		"uri": "https://" + s.name + "-abcdefghij-uc.a.run.app", "ingress": "INGRESS_TRAFFIC_ALL", "terminalCondition": condition,
		"reconciling": s.state == "CONDITION_RECONCILING", "latestReadyRevision": s.path() + "/revisions/" + s.name + "-00007-abc",
		"template": object{
			"scaling": object{"minInstanceCount": 1, "maxInstanceCount": 100},
			"containers": []object{{
				"image": "europe-docker.pkg.dev/acme/app/" + s.name + ":7", "resources": object{"limits": object{"cpu": "1000m", "memory": "512Mi"}},
				"env": []object{{"name": "STRIPE_KEY", "value": "MARKER-SECRET"}},
			}},
		},
	}
	if s.labels != nil {
		o["labels"] = s.labels
	}
	return o
}

// listDatabases is instances.list of the SQL Admin API.
func (c *cloud) listDatabases(in *call) (any, *problem) {
	owner := c.project(in.PathValue("project"))
	below, _ := in.mask.at("items")
	all := c.ready(in, "databases "+owner.id, below, func(add func(object)) {
		for _, d := range of(c.databases, owner, func(d *database) *project { return d.project }) {
			add(d.object())
		}
	})
	p, bad := in.pageOf(len(all), 1000, "maxResults", false)
	if bad != nil {
		return nil, bad
	}
	out := object{}
	if in.mask.has("kind") {
		out["kind"] = "sql#instancesList"
	}
	put(in, out, "items", all[p.from:p.to])
	putNext(in, out, p)
	return out, nil
}

// object is the schema DatabaseInstance.
func (d *database) object() object {
	settings := object{
		"kind": "sql#settings", "tier": "db-custom-2-7680", "edition": "ENTERPRISE", "availabilityType": "ZONAL", "activationPolicy": d.activity,
		"dataDiskSizeGb": strconv.Itoa(d.diskGB), "dataDiskType": "PD_SSD", "settingsVersion": "12",
	}
	if d.labels != nil {
		settings["userLabels"] = d.labels
	}
	return object{
		"kind": "sql#instance", "name": d.name, "project": d.project.id, "region": d.region, "gceZone": d.region + "-a", "state": d.state,
		"databaseVersion": d.version, "instanceType": "CLOUD_SQL_INSTANCE", "backendType": "SECOND_GEN", "rootPassword": "MARKER-SECRET",
		"connectionName": d.project.id + ":" + d.region + ":" + d.name, "createTime": d.created.Format("2006-01-02T15:04:05.000Z"),
		"ipAddresses": []object{{"type": "PRIMARY", "ipAddress": "35.1.2.3"}}, "settings": settings,
	}
}

func (c *cloud) getCluster(in *call) (any, *problem) {
	return one(in, c.clusters, func(k *cluster) bool {
		return k.project == c.project(in.PathValue("project")) && k.location == in.PathValue("location") && k.name == in.PathValue("name")
	}, (*cluster).object)
}

func (c *cloud) getFunction(in *call) (any, *problem) {
	return one(in, c.functions, func(f *function) bool {
		return f.project == c.project(in.PathValue("project")) && f.region == in.PathValue("location") && f.name == in.PathValue("name")
	}, (*function).object)
}

func (c *cloud) getService(in *call) (any, *problem) {
	return one(in, c.services, func(s *service) bool {
		return s.project == c.project(in.PathValue("project")) && s.region == in.PathValue("location") && s.name == in.PathValue("name")
	}, (*service).object)
}

// listJobs is projects.locations.jobs.list: no world has any.
func (c *cloud) listJobs(in *call) (any, *problem) {
	if _, bad := located(in, false); bad != nil {
		return nil, bad
	}
	return in.listed("jobs", 1000, nil)
}

func (c *cloud) getDatabase(in *call) (any, *problem) {
	return one(in, c.databases, func(d *database) bool {
		return d.project == c.project(in.PathValue("project")) && d.name == in.PathValue("name")
	}, (*database).object)
}
