package cloudflaresim

import (
	"math/rand/v2"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// project is a Pages project. Its settings hold the variables of its builds, secret ones among them.
type project struct {
	name, id, script string
	born             time.Time
	functions        bool
	latest           string // status of the newest deployment's stage; "" = nothing was ever deployed
	value            object
	use              profile
}

func newProject(r *rand.Rand, a *account) *project {
	p := &project{
		name: named(len(a.projects), "marketing-site", "docs", "shop", "status-page", "blog-café"), id: uuid(r), born: ago(r, 800),
		functions: r.IntN(3) > 0, latest: pick(r, "success", "success", "success", "active", "failure", "canceled", ""),
	}
	p.script = "pages-worker--" + tag(r)[:7] + "-production"
	p.value = p.describe(r)
	rate := busy(r, 0.05, 60)
	if !p.functions {
		rate = 0
	}
	cpu := skewed(r, 300, 20_000)
	p.use = profile{
		key: p.script, born: p.born, events: newMeter(r, rate), bad: pick(r, 0, 0.002, 0.05), p50: cpu, p99: cpu * 4,
		bytes: skewed(r, 500, 90_000), read: float64(r.IntN(3)), weight: cpu / 1e6 * 0.128 * 4, sample: pick(r, 1.0, 1, 8),
	}
	return p
}

func (p *project) describe(r *rand.Rand) object {
	domain := p.name + ".pages.dev"
	v := object{
		"id": p.id, "name": p.name, "subdomain": domain, "domains": []string{domain, "www." + p.name + ".example"},
		"created_on": p.born, "framework": pick(r, "astro", "nextjs", ""), "framework_version": pick(r, "5.1.0", ""),
		"production_branch": "main", "production_script_name": p.script, "preview_script_name": p.script[:21] + "-preview",
		"uses_functions": p.functions,
		"build_config":   buildConfig(),
		"deployment_configs": object{
			"preview": deploymentConfig(), "production": deploymentConfig(),
		},
		"canonical_deployment": nil, "latest_deployment": nil,
	}
	if r.IntN(3) > 0 {
		v["source"] = source(p.name)
	}
	if p.latest != "" {
		v["latest_deployment"] = p.deployment(r, p.latest)
		v["canonical_deployment"] = p.deployment(r, "success")
	}
	return v
}

func buildConfig() object {
	return object{
		"build_caching": true, "build_command": "npm run build", "destination_dir": "dist", "root_dir": "/",
		"web_analytics_tag": "cee1c73f6e4743d0b5e6bb1a0bcaabcc", "web_analytics_token": marker,
	}
}

func variables() object {
	return object{
		"API_SECRET": object{"type": "secret_text", "value": marker},
		"NODE_ENV":   object{"type": "plain_text", "value": "production " + marker}, // may hold what should be secret
	}
}

func deploymentConfig() object {
	return object{
		"always_use_latest_compatibility_date": false, "build_image_major_version": 3, "compatibility_date": "2026-01-01",
		"compatibility_flags": []string{}, "env_vars": variables(), "fail_open": true, "usage_model": "standard",
		"kv_namespaces": object{"KV": object{"namespace_id": "5eb63bbbe01eeed093cb22bb8f5acdc3"}},
	}
}

func source(name string) object {
	return object{"type": "github", "config": object{
		"owner": "acme", "owner_id": "12345678", "repo_name": name, "repo_id": "87654321", "production_branch": "main",
		"pr_comments_enabled": true, "deployments_enabled": true, "production_deployments_enabled": true,
		"preview_deployment_setting": "all", "preview_branch_includes": []string{"*"}, "preview_branch_excludes": []string{},
		"path_includes": []string{"*"}, "path_excludes": []string{},
	}}
}

func (p *project) deployment(r *rand.Rand, status string) object {
	at := p.born.Add(sim.Epoch.Sub(p.born) * 3 / 4).Truncate(time.Millisecond)
	stage := object{"name": "deploy", "status": status, "started_on": at, "ended_on": at.Add(20 * time.Second)}
	switch status {
	case "active":
		stage["name"], stage["ended_on"] = "build", nil
	case "failure", "canceled":
		stage["name"] = "build"
	}
	id := uuid(r)
	return object{
		"id": id, "short_id": id[:8], "project_id": p.id, "project_name": p.name, "environment": "production",
		"url": "https://" + id[:8] + "." + p.name + ".pages.dev", "created_on": at, "modified_on": at.Add(time.Minute),
		"aliases": nil, "is_skipped": false, "uses_functions": p.functions, "build_config": buildConfig(),
		"env_vars": variables(), "latest_stage": stage, "stages": []object{stage}, "source": source(p.name),
		"deployment_trigger": object{"type": "github:push", "metadata": object{
			"branch": "main", "commit_hash": tag(r) + "00000000", "commit_message": "Release", "commit_dirty": false,
		}},
	}
}
