package vastaisim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// workersHost is where serverless workers are asked for.
const workersHost = "run.vast.ai"

// workergroup is an element of GET /api/v0/workergroups/ (show_autogroup.yaml): one for each endpoint.
type workergroup struct {
	ID           int            `json:"id"`
	MinLoad      float64        `json:"min_load"`
	TargetUtil   float64        `json:"target_util"`
	ColdMult     float64        `json:"cold_mult"`
	TestWorkers  int            `json:"test_workers"`
	TemplateHash string         `json:"template_hash"`
	TemplateID   int            `json:"template_id"`
	SearchQuery  map[string]any `json:"search_query"`
	LaunchArgs   string         `json:"launch_args"`
	GPURAM       float64        `json:"gpu_ram"`
	EndpointName string         `json:"endpoint_name"`
	EndpointID   int            `json:"endpoint_id"`
	APIKey       string         `json:"api_key"`
	CreatedAt    string         `json:"created_at"`
	UserID       int            `json:"user_id"`
}

func (e *endpoint) group() workergroup {
	return workergroup{
		ID: e.ID + 1, MinLoad: e.MinLoad, TargetUtil: e.TargetUtil, ColdMult: e.ColdMult, TestWorkers: 3, TemplateHash: "abc123def456",
		TemplateID: 456, SearchQuery: map[string]any{"verified": map[string]bool{"eq": true}}, LaunchArgs: "--env TOKEN=" + secret,
		GPURAM: 24, EndpointName: e.EndpointName, EndpointID: e.ID, APIKey: secret, CreatedAt: e.CreatedAt, UserID: e.UserID,
	}
}

func (c *cloud) listWorkergroups(*http.Request) (any, *failure) {
	groups := make([]workergroup, len(c.endpoints))
	for i, e := range c.endpoints {
		groups[i] = e.group()
	}
	return map[string]any{"success": true, "results": groups}, nil
}

// deployment is an element of GET /api/v0/deployments/ (show_deployments.yaml).
type deployment struct {
	ID                   int      `json:"id"`
	Name                 string   `json:"name"`
	Tag                  string   `json:"tag"`
	Image                string   `json:"image"`
	EndpointID           *int     `json:"endpoint_id"`
	Env                  *string  `json:"env"`
	FileHash             *string  `json:"file_hash"`
	S3Key                *string  `json:"s3_key"`
	SearchParams         *string  `json:"search_params"`
	CurrentVersionID     *int     `json:"current_version_id"`
	LastHealthyVersionID *int     `json:"last_healthy_version_id"`
	Storage              float64  `json:"storage"`
	TTL                  *float64 `json:"ttl"`
	LastClientHeartbeat  *float64 `json:"last_client_heartbeat"`
	CreatedAt            float64  `json:"created_at"`
	UpdatedAt            float64  `json:"updated_at"`
}

// listDeployments answers one deployment for each active endpoint.
func (c *cloud) listDeployments(*http.Request) (any, *failure) {
	all := []deployment{}
	for _, e := range c.endpoints {
		if e.EndpointState != "active" {
			continue
		}
		env, at := "-e TOKEN="+secret, e.created()
		all = append(all, deployment{
			ID: 600 + e.ID, Name: e.EndpointName, Tag: "default", Image: "vastai/base-image:latest", EndpointID: &e.ID, Env: &env,
			Storage: 16, CreatedAt: at, UpdatedAt: at + 3600,
		})
	}
	return map[string]any{"success": true, "deployments": all}, nil
}

// created is when the endpoint was made, in seconds since 1970.
func (e *endpoint) created() float64 {
	at, _ := time.Parse(time.RFC3339, e.CreatedAt) // as it was written here
	return float64(at.Unix())
}

// worker is an element of the answers of run.vast.ai (get_endpoint_workers.yaml, get_autogroup_workers.yaml).
type worker struct {
	ID        int    `json:"id"`
	Status    string `json:"status"`
	URL       string `json:"url"`
	CreatedAt string `json:"created_at"`
}

// workers are those of an active endpoint: its cold workers, which idle until there is work.
func (e *endpoint) workers() []worker {
	all := []worker{}
	for i := range e.ColdWorkers {
		if e.EndpointState == "active" {
			all = append(all, worker{
				ID: 67_000_000 + e.ID*100 + i, Status: []string{"running", "loading", "stopped"}[i%3],
				URL: fmt.Sprintf("http://192.168.%d.%d:8000", e.ID%250, i+1), CreatedAt: sim.Epoch.Add(-time.Hour).Format(time.RFC3339),
			})
		}
	}
	return all
}

// workersOf answers POST /get_endpoint_workers/ and /get_workergroup_workers/. What is not found is told as a text with
// status 200.
func (c *cloud) workersOf(kind string, id func(*endpoint) int) func(*http.Request) (any, *failure) {
	return func(r *http.Request) (any, *failure) {
		var body struct {
			ID int `json:"id"`
		}
		if json.NewDecoder(r.Body).Decode(&body) != nil || body.ID < 1 {
			return nil, badQuery("invalid_args", "id must be at least 1")
		}
		for _, e := range c.endpoints {
			if id(e) == body.ID {
				return map[string]any{"workers": e.workers()}, nil
			}
		}
		return fmt.Sprintf("authenticate_%s_apikey: invalid api_key or %s %d not found", kind, kind, body.ID), nil
	}
}

// listMachines answers GET /api/v0/machines/: the account hosts none.
func (c *cloud) listMachines(*http.Request) (any, *failure) {
	return map[string]any{"machines": []any{}}, nil
}
