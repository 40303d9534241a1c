package main

import (
	"errors"
	"fmt"

	"outrider/internal/app/node"
)

type keysStageCmd struct{ node.RoleFolders }

// Run adds a key that every process accepts and none uses: once all hosts have the file, it can be rotated in.
func (c keysStageCmd) Run(f *node.Folder) error {
	id, err := node.StageCommandKey(f.Keys())
	if err = errors.Join(err, c.Share(f.Keys())); err != nil {
		return err
	}
	fmt.Printf("key %s is accepted; copy %s to every host, then: outrider keys rotate commands, and copy it again\n", id, f.Keys().Commands())
	return nil
}

type keysRetireCmd struct{ node.RoleFolders }

// Run forgets all keys of commands but the one that signs.
func (c keysRetireCmd) Run(f *node.Folder) error {
	id, err := node.RetireCommandKeys(f.Keys())
	if err = errors.Join(err, c.Share(f.Keys())); err != nil {
		return err
	}
	fmt.Printf("only key %s counts; processes forget the others within seconds\n", id)
	return nil
}
