import { autocompletion, completionKeymap, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { Compartment, EditorState } from "@codemirror/state";
import { Decoration, EditorView, keymap, MatchDecorator, placeholder, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import { useEffect, useRef } from "react";

export type Variable = { name: string; about: string; custom?: boolean };

type Props = { value: string; onChange: (v: string) => void; label: string; hint?: string; variables: Variable[]; oneLine?: boolean; readOnly?: boolean };

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

const theme = EditorView.theme({
  "&": { color: "var(--text-1)", backgroundColor: "transparent", fontSize: "14px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "inherit" },
  ".cm-content": { lineHeight: "20px", padding: "8px 0", caretColor: "var(--text-1)" },
  ".cm-line": { padding: "0 10px" },
  ".cm-placeholder": { color: "var(--text-3)" },
  ".cm-selectionBackground, ::selection": { backgroundColor: "var(--accent-soft)" },
  ".cm-cursor": { borderLeftColor: "var(--text-1)" },
  ".cm-variable": { color: "var(--accent-text)", backgroundColor: "var(--accent-soft)", borderRadius: "3px" },
  ".cm-unknown": { color: "var(--bad)", backgroundColor: "var(--bad-soft)", borderRadius: "3px", textDecoration: "underline wavy" },
  ".cm-tooltip": { backgroundColor: "var(--surface-0)", color: "var(--text-1)", border: "1px solid var(--line)", borderRadius: "8px", boxShadow: "var(--shadow)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxHeight: "16em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "4px 10px", lineHeight: "20px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--surface-2)", color: "var(--text-1)" },
  ".cm-completionDetail": { color: "var(--text-3)", fontStyle: "normal", marginLeft: "12px" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
});

/** Offers the variables after {{, each with how many people have it. */
function completeVariables(variables: Variable[]) {
  return (context: CompletionContext) => {
    const word = context.matchBefore(/\{\{\s*[\w.]*/);
    if (!word) return null;
    const from = word.from + word.text.search(/[\w.]*$/);
    const after = context.state.sliceDoc(context.pos, context.pos + 3);
    return {
      from,
      validFor: /^[\w.]*$/,
      options: variables.map((v) => ({ label: v.name, detail: v.about, type: "variable", apply: (/^\s?$/.test(word.text.slice(2, 3)) && word.text.length > 2 ? "" : " ") + v.name + (/^\s*\}\}/.test(after) ? "" : " }}") })),
    };
  };
}

/** Marks what Liquid is; a variable that nobody knows is underlined. */
function marks(known: ReadonlySet<string>) {
  const variable = Decoration.mark({ class: "cm-variable" });
  const unknown = Decoration.mark({ class: "cm-unknown" });
  const matcher = new MatchDecorator({
    regexp: /\{\{-?\s*([\w.]*)[^}]*\}\}|\{%[^%]*%\}/g,
    decoration: (m) => (m[1] && known.size > 0 && !known.has(m[1]) ? unknown : variable),
  });
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = matcher.createDeco(view);
      }
      update(u: ViewUpdate) {
        this.decorations = matcher.updateDeco(u, this.decorations);
      }
    },
    { decorations: (v) => v.decorations },
  );
}

/** Plain text with Liquid. Undo, spelling of the browser, completion of variables. */
export default function TextEditor({ value, onChange, label, hint, variables, oneLine, readOnly }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const tell = useRef(onChange);
  tell.current = onChange;
  const about = useRef(new Compartment());
  const extensionsFor = (list: Variable[]) => [
    autocompletion({ override: [completeVariables(list)], icons: false, activateOnTyping: true }),
    marks(new Set(list.flatMap((v) => (v.custom ? [v.name, v.name.replace(/^custom\./, "")] : [v.name])))),
  ];
  useEffect(() => {
    const v = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(nonce),
          history(),
          keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          about.current.of(extensionsFor(variables)),
          theme,
          EditorView.lineWrapping,
          EditorState.readOnly.of(!!readOnly),
          EditorView.editable.of(!readOnly),
          placeholder(hint ?? ""),
          EditorView.contentAttributes.of({ "aria-label": label, "aria-multiline": oneLine ? "false" : "true", spellcheck: "true", autocapitalize: "sentences" }),
          oneLine ? EditorState.transactionFilter.of((tr) => (tr.newDoc.lines > 1 ? [] : tr)) : [],
          EditorView.updateListener.of((u) => u.docChanged && tell.current(u.state.doc.toString())),
        ],
      }),
    });
    view.current = v;
    return () => v.destroy();
  }, [label, readOnly, oneLine]);
  useEffect(() => {
    const v = view.current;
    if (v && v.state.doc.toString() !== value) v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: value } });
  }, [value]);
  const names = variables.map((v) => v.name + v.about).join("|");
  useEffect(() => view.current?.dispatch({ effects: about.current.reconfigure(extensionsFor(variables)) }), [names]);
  return (
    <div ref={box} className={`rounded-control border border-control bg-surface-0 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent ${oneLine ? "" : "[&_.cm-content]:min-h-72"}`} />
  );
}
