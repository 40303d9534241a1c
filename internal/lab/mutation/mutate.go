package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// mutant is one small mistake. All of them stand in one build; the environment says which of them is made.
type mutant struct {
	id   int
	file string
	line int
	what string
}

// helper is added to each package. mutated notes once for each id that a test reaches. A mutant that takes all memory is ended, and
// so is one that computes without end.
const helper = `package %s

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"
)

var (
	mutantMade, _ = strconv.Atoi(os.Getenv("MUTANT"))
	mutantTrace   = os.Getenv("MUTANT_TRACE")
	mutantSeen    sync.Map
	_             = watchMutant()
)

func watchMutant() bool {
	if mutantMade == 0 {
		return false
	}
	debug.SetMaxStack(1 << 26)
	if n, _ := strconv.ParseUint(os.Getenv("MUTANT_SECONDS"), 10, 64); n > 0 {
		if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
			panic(err)
		}
	}
	go func() {
		for range time.Tick(200 * time.Millisecond) {
			var m runtime.MemStats
			if runtime.ReadMemStats(&m); m.HeapAlloc > 1<<30 {
				os.Exit(%d)
			}
		}
	}()
	return true
}

func mutated(id int) bool {
	if mutantTrace != "" {
		if _, seen := mutantSeen.LoadOrStore(id, true); !seen {
			if f, err := os.OpenFile(mutantTrace, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
				f.WriteString(strconv.Itoa(id) + "\n")
				f.Close()
			}
		}
	}
	return id == mutantMade
}
`

// generator writes mutants into copies of files.
type generator struct {
	fset    *token.FileSet
	mutants []mutant
}

// mutatePackage writes the files of a folder, with their mutants, below out, and returns what stands for what.
func (g *generator) mutatePackage(folder, out string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	replace := map[string]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if bytes.Contains(src, []byte("//go:build")) || bytes.Contains(src, []byte("//go:embed")) {
			continue
		}
		copied := filepath.Join(out, strings.ReplaceAll(file, string(filepath.Separator), "_"))
		mutated, err := g.mutateFile(file, src)
		if err != nil {
			return nil, fmt.Errorf("mutate %s: %w", file, err)
		}
		if err := os.WriteFile(copied, mutated, 0o600); err != nil {
			return nil, err
		}
		replace[file] = copied
	}
	added := filepath.Join(out, filepath.Base(folder)+"_mutated.go")
	replace[filepath.Join(folder, "mutated.go")] = added
	return replace, os.WriteFile(added, fmt.Appendf(nil, helper, filepath.Base(folder), ranAway), 0o600)
}

func (g *generator) mutateFile(file string, src []byte) ([]byte, error) {
	tree, err := parser.ParseFile(g.fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			g.mutateBody(f.Body)
		}
	}
	var b bytes.Buffer
	err = format.Node(&b, g.fset, tree)
	return b.Bytes(), err
}

func (g *generator) mutateBody(body *ast.BlockStmt) {
	var stack []ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			switch x := stack[len(stack)-1].(type) {
			case *ast.BinaryExpr:
				g.mutateExpr(x)
			case *ast.BlockStmt:
				g.mutateStatements(x.List)
			case *ast.CaseClause:
				g.mutateStatements(x.Body)
			case *ast.IfStmt:
				x.Cond = g.negate(x.Cond)
			}
			stack = stack[:len(stack)-1]
			return true
		}
		if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
			return false
		}
		stack = append(stack, n)
		return true
	})
}

// add notes a mutant and returns the expression that is true while it is made.
func (g *generator) add(at token.Pos, what string) ast.Expr {
	p := g.fset.Position(at)
	g.mutants = append(g.mutants, mutant{len(g.mutants) + 1, p.Filename, p.Line, what})
	return &ast.CallExpr{Fun: ast.NewIdent("mutated"), Args: []ast.Expr{&ast.BasicLit{Kind: token.INT, Value: fmt.Sprint(len(g.mutants))}}}
}

// mutateExpr leaves out an operand of a condition, negates a comparison, or moves a bound by one.
func (g *generator) mutateExpr(x *ast.BinaryExpr) {
	in := func(e ast.Expr) ast.Expr { return &ast.ParenExpr{X: e} }
	both := func(op token.Token, a, b ast.Expr) ast.Expr { return &ast.BinaryExpr{X: in(a), Op: op, Y: in(b)} }
	not := func(e ast.Expr) ast.Expr { return &ast.UnaryExpr{Op: token.NOT, X: e} }
	at := x.OpPos
	switch x.Op {
	case token.LAND:
		x.X, x.Y = in(both(token.LOR, x.X, g.add(at, "left of && is left out"))), in(both(token.LOR, x.Y, g.add(at, "right of && is left out")))
	case token.LOR:
		x.X, x.Y = in(both(token.LAND, x.X, not(g.add(at, "left of || is left out")))), in(both(token.LAND, x.Y, not(g.add(at, "right of || is left out"))))
	case token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ:
		var bounded ast.Expr = &ast.BinaryExpr{X: x.X, Op: x.Op, Y: x.Y}
		equal := &ast.BinaryExpr{X: x.X, Op: token.EQL, Y: x.Y}
		switch x.Op {
		case token.LSS, token.GTR:
			bounded = both(token.LOR, bounded, both(token.LAND, g.add(at, x.Op.String()+" is true for equals"), equal))
		case token.LEQ, token.GEQ:
			bounded = both(token.LAND, bounded, not(in(both(token.LAND, g.add(at, x.Op.String()+" is false for equals"), equal))))
		}
		made := g.add(at, x.Op.String()+" is negated")
		x.X, x.Op, x.Y = in(bounded), token.NEQ, made
	}
}

// negate negates a condition that isn't a comparison.
func (g *generator) negate(cond ast.Expr) ast.Expr {
	if _, ok := cond.(*ast.BinaryExpr); ok {
		return cond
	}
	return &ast.BinaryExpr{X: &ast.ParenExpr{X: cond}, Op: token.NEQ, Y: g.add(cond.Pos(), "the condition is negated")}
}

// mutateStatements leaves out calls and assignments.
func (g *generator) mutateStatements(list []ast.Stmt) {
	for i, s := range list {
		what := ""
		switch x := s.(type) {
		case *ast.ExprStmt:
			what = "a call is left out"
		case *ast.IncDecStmt:
			what = "a count is left out"
		case *ast.AssignStmt:
			if x.Tok != token.DEFINE {
				what = "an assignment is left out"
			}
		}
		if what != "" {
			list[i] = &ast.IfStmt{Cond: &ast.UnaryExpr{Op: token.NOT, X: g.add(s.Pos(), what)}, Body: &ast.BlockStmt{List: []ast.Stmt{s}}}
		}
	}
}
