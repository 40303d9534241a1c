package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/keyfile"
	"outrider/internal/pii"
	"outrider/internal/postgres"
)

// ensureMaster makes the master key of a new installation. Where something is encrypted already, the key that did it must be there.
func ensureMaster(ctx context.Context, a Addresses, k KeyFiles, secrets postgres.Secrets) error {
	return withVaultPool(ctx, a, secrets, func(pool *pgxpool.Pool) error {
		_, err := pii.LoadMaster(k.Master())
		if errors.Is(err, keyfile.ErrMissing) {
			err = createMaster(ctx, pool, k, err)
		}
		if err != nil {
			return err
		}
		return withVault(pool, k, func(vault *pii.Vault) error { return vault.CheckWrapper(ctx) })
	})
}

// createMaster makes the master key unless something in the vault was encrypted with the one that is missing.
func createMaster(ctx context.Context, pool *pgxpool.Pool, k KeyFiles, missing error) error {
	vault, err := pii.NewVault(pool, nil, pii.Options{}) // nothing is wrapped or unwrapped
	if err != nil {
		return fmt.Errorf("open vault: %w", err)
	}
	if holds, err := vault.Holds(ctx); holds || err != nil {
		return errors.Join(missing, err)
	}
	_, err = pii.CreateMaster(k.Master())
	return err
}

func withVaultPool(ctx context.Context, a Addresses, secrets postgres.Secrets, do func(*pgxpool.Pool) error) error {
	pool, err := postgres.OpenRole(ctx, a.Postgres, postgres.RoleVault, secrets.Vault, "vault", 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	return do(pool)
}

// withVault calls do with a vault that uses the master key of k.
func withVault(pool *pgxpool.Pool, k KeyFiles, do func(*pii.Vault) error) error {
	vault, err := vaultOn(pool, k)
	if err != nil {
		return err
	}
	return do(vault)
}

// vaultOn is a vault that uses the master key of k.
func vaultOn(pool *pgxpool.Pool, k KeyFiles) (*pii.Vault, error) {
	master, err := pii.LoadMaster(k.Master())
	if err != nil {
		return nil, err
	}
	vault, err := pii.NewVault(pool, master, pii.Options{})
	if err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	return vault, nil
}

// useVault opens the vault of an installation for do.
func useVault(ctx context.Context, a Addresses, k KeyFiles, do func(*pii.Vault) error) error {
	secrets, err := postgres.ReadSecrets(k.Roles())
	if err != nil {
		return fmt.Errorf("load passwords of roles: %w", err)
	}
	return withVaultPool(ctx, a, secrets, func(pool *pgxpool.Pool) error { return withVault(pool, k, do) })
}

// CheckMaster returns pii.ErrForeignMaster or keyfile.ErrMissing when what is stored can't be read.
func CheckMaster(ctx context.Context, a Addresses, k KeyFiles) error {
	return useVault(ctx, a, k, func(vault *pii.Vault) error { return vault.CheckWrapper(ctx) })
}

// RewrapMaster lets everything rest on the newest master key, and returns how many organisations' keys that were.
func RewrapMaster(ctx context.Context, a Addresses, k KeyFiles) (n int, err error) {
	err = useVault(ctx, a, k, func(vault *pii.Vault) (err error) {
		n, err = vault.Rewrap(ctx)
		return err
	})
	return n, err
}
