package azure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/adsops/cloudtop/internal/provider"
)

const byteOrderMark = "\xef\xbb\xbf"

const signInHint = "check tenant, client id and client secret (it may have expired); " +
	"`az login`, or a service principal: az ad sp create-for-rbac --role Reader --scopes /subscriptions/<id>"

func authMethods() []provider.AuthMethod {
	client := func(env bool) []provider.AuthField {
		fields := []provider.AuthField{
			{Name: "tenant_id"}, {Name: "client_id"}, {Name: "client_secret", Secret: true},
			{Name: "subscription_id", Optional: true},
		}
		if env {
			for i, v := range []string{"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_SUBSCRIPTION_ID"} {
				fields[i].Env = []string{v}
			}
		}
		return fields
	}
	return []provider.AuthMethod{
		{
			Name: "oauth", Fields: client(true),
			Help: "a service principal's client credentials: az ad sp create-for-rbac --name cloudtop --role Reader " +
				"--scopes /subscriptions/<id>",
		},
		{
			Name: "service_account", Fields: client(false), Files: []string{"~/.azure/credentials.json"},
			Parse: parseCredentials,
			Help:  `the file {"tenantId", "clientId", "clientSecret", "subscriptionId"}, as az ad sp create-for-rbac --json-auth prints it`,
		},
		{
			Name: "environment", Ambient: true,
			Help: "DefaultAzureCredential: AZURE_* variables (secret or certificate), workload identity, managed identity, " +
				"az login, azd, Azure PowerShell; AZURE_TOKEN_CREDENTIALS narrows it",
		},
		{
			Name: "environment", Files: []string{"$AZURE_CONFIG_DIR/azureProfile.json", "~/.azure/azureProfile.json"},
			Parse: parseProfile, Program: "az",
			Fields: []provider.AuthField{{Name: "cli_user"}, {Name: "tenant_id", Optional: true}},
			Help:   "az login",
		},
	}
}

// parseCredentials reads the file that `az ad sp create-for-rbac --json-auth` prints. Other keys are endpoints.
func parseCredentials(data []byte, _ func(string) string) (map[string]string, error) {
	var file struct{ TenantID, ClientID, ClientSecret, SubscriptionID string }
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte(byteOrderMark)), &file); err != nil {
		return nil, fmt.Errorf("not a JSON object with tenantId, clientId and clientSecret: %w", err)
	}
	values := map[string]string{}
	for key, v := range map[string]string{
		"tenant_id": file.TenantID, "client_id": file.ClientID, "client_secret": file.ClientSecret,
		"subscription_id": file.SubscriptionID,
	} {
		if v != "" {
			values[key] = v
		}
	}
	for _, key := range []string{"tenant_id", "client_id", "client_secret"} {
		if values[key] == "" {
			return nil, errors.New("the file must have tenantId, clientId and clientSecret")
		}
	}
	return values, nil
}

// parseProfile reads what the Azure CLI remembers of `az login`: who is signed in to the default subscription's tenant.
// The tokens are elsewhere, and the CLI hands them out. Signed out, the file stays and names no subscription.
func parseProfile(data []byte, _ func(string) string) (map[string]string, error) {
	var profile struct {
		Subscriptions []struct {
			TenantID  string
			IsDefault bool
			User      struct{ Name string }
		}
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte(byteOrderMark)), &profile); err != nil {
		return nil, fmt.Errorf("not what the Azure CLI writes: %w", err)
	}
	for _, s := range profile.Subscriptions {
		if s.IsDefault && s.User.Name != "" {
			return map[string]string{"cli_user": s.User.Name, "tenant_id": s.TenantID}, nil
		}
	}
	return nil, fmt.Errorf("nobody is signed in: %w", fs.ErrNotExist)
}
