import type { Command as Commander } from 'commander';

/** The shells that there are scripts for. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** What may follow, by what was typed: `train`, or `train --backend` for the value of a flag. */
export type Words = ReadonlyMap<string, readonly string[]>;

/** Words for values that the command line itself does not list. */
export type Vocabulary = {
  /** Of the first argument of a command, by its name. */
  readonly arguments: Readonly<Record<string, readonly string[]>>;
  /** Of a flag, as it is written. */
  readonly flags: Readonly<Record<string, readonly string[]>>;
};

const wordsOf = (
  command: Commander,
  path: string,
  vocabulary: Vocabulary,
): readonly (readonly [string, readonly string[]])[] => {
  const { options, commands, registeredArguments } = command;
  const [argument] = registeredArguments;
  const first = argument?.argChoices ?? vocabulary.arguments[argument?.name() ?? ''] ?? [];
  const flags = [...options.flatMap(({ long }) => long ?? []), '--help'];
  const inner = commands.flatMap((one) => wordsOf(one, `${path} ${one.name()}`.trim(), vocabulary));
  const values = options
    .filter(({ required }) => required)
    .map(({ long = '', argChoices }) => [`${path} ${long}`, argChoices ?? vocabulary.flags[long] ?? []] as const);
  return [[path, [...commands.map((one) => one.name()), ...first, ...flags]], ...values, ...inner];
};

/** What may follow everything that can be typed; no word at all where a file does. */
export const completionWords = (root: Commander, vocabulary: Vocabulary): Words =>
  new Map(wordsOf(root, '', vocabulary));

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const printed = (next: readonly string[]): string =>
  next.length === 0 ? ':' : `printf '%s\\n' ${next.map(quoted).join(' ')}`;

/** For bash and zsh: what may follow, and what stands for the words before the one at hand. */
const posix = (words: Words): string => `_torsor_next() {
  case "$1" in
${Array.from(words, ([typed, next]) => `    ${quoted(typed)}) ${printed(next)} ;;`).join('\n')}
    *) return 1 ;;
  esac
}
_torsor_typed() {
  local typed='' flag='' word
  for word in "$@"; do
    case "$word" in '=') continue ;; esac
    if [ -n "$flag" ]; then
      flag=''
    elif _torsor_next "\${typed:+$typed }$word" >/dev/null; then
      case "$word" in -*) flag="$typed $word" ;; *) typed="\${typed:+$typed }$word" ;; esac
    fi
  done
  printf '%s' "\${flag:-$typed}"
}`;

const bash = (words: Words): string => `# torsor: add to ~/.bashrc: eval "$(torsor completion bash)"
${posix(words)}
_torsor() {
  local IFS=$'\\n' current="\${COMP_WORDS[COMP_CWORD]}"
  local typed=$(_torsor_typed "\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  [[ $current == = ]] && current=''
  COMPREPLY=($(compgen -W "$(_torsor_next "$typed")" -- "$current"))
  [[ \${COMPREPLY[0]-} == *= ]] && compopt -o nospace
  return 0
}
complete -o default -F _torsor torsor`;

const zsh = (words: Words): string => `#compdef torsor
# torsor: add to ~/.zshrc, after compinit: eval "$(torsor completion zsh)"
${posix(words)}
_torsor() {
  local -a next
  next=("\${(@f)$(_torsor_next "$(_torsor_typed "\${(@)words[2,CURRENT-1]}")")}")
  compadd -S '' -- \${(M)next:#*=} || compadd -- \${next:#*=} || _files
}
compdef _torsor torsor`;

const fish = (words: Words): string => `# torsor: save as ~/.config/fish/completions/torsor.fish
function __torsor_next
  switch "$argv[1]"
${Array.from(words, ([typed, next]) => `    case ${quoted(typed)}\n      ${printed(next)}`).join('\n')}
    case '*'
      return 1
  end
end
function __torsor_words
  set -l typed ''
  set -l flag ''
  for word in (commandline -opc)[2..]
    set -l longer (string trim "$typed $word")
    if test -n "$flag"
      set flag ''
    else if __torsor_next "$longer" >/dev/null
      if string match -q -- '-*' "$word"
        set flag "$longer"
      else
        set typed "$longer"
      end
    end
  end
  test -n "$flag"; and set typed "$flag"
  __torsor_next "$typed"
end
complete -c torsor -e
complete -c torsor -n 'test (count (__torsor_words)) -gt 0' -f -a '(__torsor_words)'`;

const scripts: { readonly [S in Shell]: (words: Words) => string } = { bash, zsh, fish };

/** A script that completes the command line in a shell. */
export const completionScript = (shell: Shell, words: Words): string => scripts[shell](words);
