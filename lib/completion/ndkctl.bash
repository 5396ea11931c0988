# SPDX-License-Identifier: MIT
# bash completion for ndkctl

_ndkctl() {
    local cur prev word command="" sub=""
    local global="-j --json -p --pretty -v --verbose --timeout --device -h --help -V --version"

    cur=${COMP_WORDS[COMP_CWORD]}
    prev=${COMP_WORDS[COMP_CWORD - 1]}
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ $word == -* ]] && continue
        if [[ -z $command ]]; then
            command=$word
        elif [[ -z $sub ]]; then
            sub=$word
        fi
    done

    case $prev in
    --file | --device)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    --adapter)
        mapfile -t COMPREPLY < <(compgen -W "$(ls /sys/class/infiniband 2>/dev/null)" -- "$cur")
        return
        ;;
    esac

    case $command/$sub in
    /) word="adapter status flags doctor demo $global" ;;
    adapter/) word="list show" ;;
    adapter/show) word="$(ls /sys/class/infiniband 2>/dev/null) $global" ;;
    status/) word="decode list" ;;
    status/decode)
        word=$(ndkctl status list 2>/dev/null | awk '{ print $1 }')
        ;;
    flags/) word="decode" ;;
    flags/decode) word="mr op adapter" ;;
    demo/*) word="--adapter --address --file $global" ;;
    *) word=$global ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$word" -- "$cur")
}

complete -F _ndkctl ndkctl
