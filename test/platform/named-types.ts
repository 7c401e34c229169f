/** Which types the declarations of a package's exports name, and which of them it does not export. */

import ts from "typescript-5.9";

export interface Exports {
  readonly values: readonly string[];
  readonly types: readonly string[];
  /** Types of the package's own that an export names and nobody can: `Name, named by Export`. */
  readonly hidden: readonly string[];
}

/** Read the exports of a module from its declarations. */
export function exportsOf(declarations: string): Exports {
  const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, types: ["node"] };
  const program = ts.createProgram([declarations], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(declarations);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${declarations} is no module`);
  const resolve = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const exported = new Map(
    checker.getExportsOfModule(module).map((symbol) => [symbol.name, resolve(symbol)] as const),
  );
  const known = new Set(exported.values());
  const hidden = new Set<string>();
  for (const [name, symbol] of exported) {
    for (const used of namedBy(symbol)) {
      if (!known.has(used)) hidden.add(`${used.name}, named by ${name}`);
    }
  }
  const isValue = ({ flags }: ts.Symbol) =>
    (flags & (ts.SymbolFlags.Value | ts.SymbolFlags.NamespaceModule)) !== 0;
  const names = [...exported].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    values: names.filter(([, symbol]) => isValue(symbol)).map(([name]) => name),
    types: names.filter(([, symbol]) => !isValue(symbol)).map(([name]) => name),
    hidden: [...hidden].sort(),
  };

  /** The types of the package that the declarations of a symbol name where a user can see them. */
  function namedBy(symbol: ts.Symbol): Set<ts.Symbol> {
    const used = new Set<ts.Symbol>();
    const visit = (node: ts.Node): void => {
      if (ts.isPrivateIdentifier(node)) return;
      if (
        ts.canHaveModifiers(node) &&
        ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
      )
        return;
      const named = ts.isTypeReferenceNode(node)
        ? node.typeName
        : ts.isExpressionWithTypeArguments(node)
          ? node.expression
          : ts.isImportTypeNode(node)
            ? node.qualifier
            : undefined;
      const target = named && checker.getSymbolAtLocation(named);
      if (target) {
        const resolved = resolve(target);
        if (isOwn(resolved)) used.add(resolved);
      }
      ts.forEachChild(node, visit);
    };
    for (const declaration of symbol.declarations ?? []) {
      if (!ts.isSourceFile(declaration)) visit(declaration);
      else
        for (const member of checker.getExportsOfModule(symbol))
          for (const type of namedBy(resolve(member))) used.add(type);
    }
    return used;
  }

  function isOwn({ flags, declarations = [] }: ts.Symbol): boolean {
    if (flags & ts.SymbolFlags.TypeParameter) return false;
    return declarations.some((declaration) => {
      const file = declaration.getSourceFile();
      return !program.isSourceFileDefaultLibrary(file) && !file.fileName.includes("/node_modules/@types/");
    });
  }
}
