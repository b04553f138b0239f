"""What shells run to complete a line: each asks `ccproxy completion SHELL --complete=WORDS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Between words; nobody types it.
SEPARATOR: Final = "\x1f"

BASH: Final = """\
# ccproxy completion for bash: eval "$(ccproxy completion bash)"
_ccproxy() {
    local word typed IFS=$'\\x1f'
    typed="${COMP_WORDS[*]:1:COMP_CWORD}"
    COMPREPLY=()
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(ccproxy completion bash --complete="$typed" 2>/dev/null)
}
complete -o default -F _ccproxy ccproxy
"""

ZSH: Final = """\
#compdef ccproxy
# ccproxy completion for zsh: eval "$(ccproxy completion zsh)"
_ccproxy() {
    local line
    local -a found
    while IFS= read -r line; do
        if [[ $line == *$'\\t'* ]]; then
            found+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
        else
            found+=("${line//:/\\\\:}")
        fi
    done < <(ccproxy completion zsh --complete="${(pj:\\x1f:)words[2,CURRENT]}" 2>/dev/null)
    if (( $#found )); then
        _describe -o ccproxy found
    else
        _files
    fi
}
compdef _ccproxy ccproxy
"""

FISH: Final = """\
# ccproxy completion for fish: ccproxy completion fish | source
function __ccproxy_complete
    set -l typed (commandline -opc)
    set -l last (commandline -ct)
    ccproxy completion fish --complete=(string join \\x1f -- $typed[2..-1] "$last") 2>/dev/null
end
complete -c ccproxy -a '(__ccproxy_complete)'
"""

SCRIPTS: Final[Mapping[str, str]] = {"bash": BASH, "zsh": ZSH, "fish": FISH}
