"""Sources that try to escape, to hang, or to use up the sandbox, and how each must end."""

from typing import Final

CONTAINED: Final[dict[str, tuple[str, set[str]]]] = {
    # Time
    "loop": ("function handler(){for(;;);}", {"timeout"}),
    "loop that catches": (
        "function handler(){for(;;){try{for(;;);}catch(e){}}}",
        {"timeout"},
    ),
    "loop in finally": ("function handler(){try{for(;;);}finally{for(;;);}}", {"timeout"}),
    "loop at the top": ("for(;;);function handler(){}", {"timeout"}),
    "regular expression": (
        "function handler(){return /(a+)+$/.test('a'.repeat(40)+'b')}",
        {"timeout"},
    ),
    "long regular expression": (
        "function handler(){return new RegExp('('.repeat(1e4)+')'.repeat(1e4)).test('a')}",
        {"timeout", "threw", "stack_overflow", "out_of_memory"},
    ),
    "endless comparison": (
        "function handler(){[...Array(1e6).keys()].sort((a,b)=>{for(;;){}})}",
        {"timeout", "out_of_memory"},
    ),
    "growing integer": ("function handler(){let x=3n;for(;;)x=x*x}", {"timeout", "threw"}),
    "power": ("function handler(){return (2n**(2n**30n)).toString()}", {"threw", "timeout"}),
    "digits": (
        "function handler(){return (2n**500000n).toString().length}",
        {"timeout", "", "threw", "out_of_memory"},
    ),
    "native loops": (
        "function handler(){for(;;)'a'.repeat(1e6).split('').map(x=>x+1).join('')}",
        {"timeout", "out_of_memory"},
    ),
    "index of": (
        "function handler(){const s='a'.repeat(5e5);for(;;)s.indexOf('a'.repeat(2e5)+'b')}",
        {"timeout", "out_of_memory"},
    ),
    "copies within": (
        "function handler(){const a=new Uint8Array(8e6);for(;;)a.copyWithin(0,1)}",
        {"timeout", "out_of_memory"},
    ),
    "fills": (
        "function handler(){const a=new Uint8Array(8e6);for(let i=0;;i++)a.fill(i)}",
        {"timeout", "out_of_memory"},
    ),
    "slices of a buffer": (
        "function handler(){const a=new ArrayBuffer(4e6);for(;;)a.slice(0)}",
        {"timeout", "out_of_memory"},
    ),
    "sets": (
        "function handler(){const a=new Uint8Array(4e6),b=new Uint8Array(4e6);for(;;)a.set(b)}",
        {"timeout", "out_of_memory"},
    ),
    "joined strings": (
        "function handler(){const s='x'.repeat(3e6);let n=0;for(;;)n+=(s+n).length}",
        {"timeout", "out_of_memory"},
    ),
    "sorted numbers": (
        "function handler(){const a=new Float64Array(5e5);for(;;)a.sort((x,y)=>y-x)}",
        {"timeout", "out_of_memory"},
    ),
    "comparison of long strings": (
        "function handler(){const a='x'.repeat(3e6),b='x'.repeat(3e6);let n=0;for(;;)n+=a===b}",
        {"timeout", "out_of_memory"},
    ),
    "dates": ("function handler(){for(;;)new Date(Date.now()).toISOString()}", {"timeout"}),
    "random numbers": ("function handler(){for(;;)Math.random()}", {"timeout"}),
    "errors that are caught": (
        "function handler(){for(;;)try{null.x}catch(e){e.stack}}",
        {"timeout"},
    ),
    "log of errors": (
        "function handler(){for(;;)try{console.log({toJSON(){throw 1}})}catch(e){}}",
        {"timeout"},
    ),
    "getter": (
        "Object.defineProperty(globalThis,'handler',{get(){for(;;);}})",
        {"timeout"},
    ),
    "proxy": (
        "function handler(){return new Proxy({},{get(){for(;;);},ownKeys(){for(;;);}})}",
        {"timeout"},
    ),
    "toJSON": ("function handler(){return {toJSON(){for(;;);}}}", {"timeout"}),
    "logs": (
        "function handler(){for(;;)console.log('x'.repeat(5000))}",
        {"timeout"},
    ),
    "log of a proxy": (
        "function handler(){console.log(new Proxy({},{ownKeys(){for(;;);}}))}",
        {"timeout"},
    ),
    "error with a slow message": (
        "function handler(){throw {get message(){for(;;);},toString(){for(;;);}}}",
        {"timeout", "threw"},
    ),
    "error with a slow stack": (
        "function handler(){throw Object.defineProperty(Error(),'stack',{get(){for(;;);}})}",
        {"timeout", "threw"},
    ),
    # Memory
    "arrays": (
        "function handler(){let a=[];for(;;)a.push(new Array(1e5).fill(7))}",
        {"out_of_memory", "timeout"},
    ),
    "objects": (
        "function handler(){let a=[];for(;;)a.push({x:1,y:[1,2,3]})}",
        {"out_of_memory", "timeout"},
    ),
    "typed arrays": (
        "function handler(){let a=[];for(;;)a.push(new Uint8Array(1e6))}",
        {"out_of_memory", "timeout"},
    ),
    "strings": (
        "function handler(){let a=[];for(;;)a.push('x'.repeat(1e6)+a.length)}",
        {"out_of_memory", "timeout"},
    ),
    "one string": (
        "function handler(){let s='x';for(;;)s+=s}",
        {"threw", "out_of_memory", "timeout"},
    ),
    "json": (
        "function handler(){let s='x'.repeat(1e6);for(;;)s=JSON.stringify([s,s])}",
        {"out_of_memory", "timeout", "threw"},
    ),
    "map": (
        "function handler(){let m=new Map();for(let i=0;;i++)m.set(i,{i})}",
        {"out_of_memory", "timeout"},
    ),
    "closures": (
        "function handler(){let f=()=>0;for(;;){const g=f;f=()=>g()}}",
        {"out_of_memory", "timeout"},
    ),
    "one array": (
        "function handler(){return new Array(1e9).fill(0).length}",
        {"out_of_memory", "timeout"},
    ),
    "one buffer": (
        "function handler(){return new ArrayBuffer(1<<30).byteLength}",
        {"out_of_memory", "threw"},
    ),
    "generator": (
        "function handler(){function*g(){for(;;)yield 1} return [...g()]}",
        {"out_of_memory", "timeout"},
    ),
    "padding": ("function handler(){return 'x'.padEnd(2**30)}", {"threw", "out_of_memory"}),
    "arguments": (
        "function handler(){return Math.max(...new Array(1e7).fill(1))}",
        {"threw", "out_of_memory", "timeout", "stack_overflow"},
    ),
    "symbols": (
        "function handler(){let o={};for(let i=0;;i++)o[Symbol(i)]=i}",
        {"out_of_memory", "timeout"},
    ),
    "weak maps": (
        "function handler(){let w=new WeakMap(),a=[];for(;;){const o={};a.push(o);w.set(o,[1])}}",
        {"out_of_memory", "timeout"},
    ),
    # Depth
    "recursion": ("function handler(){return handler()+1}", {"stack_overflow"}),
    "mutual recursion": (
        "function a(){return b()}function b(){return a()}function handler(){return a()}",
        {"stack_overflow"},
    ),
    "deep json": (
        "function handler(){return JSON.parse('['.repeat(1e6))}",
        {"stack_overflow", "threw", "out_of_memory"},
    ),
    "deep answer": (
        "function handler(){let a=[];for(let i=0;i<1e5;i++)a=[a];return a}",
        {
            "stack_overflow",
            "threw",
            "out_of_memory",
            "answer_not_json",
            "answer_too_large",
            "timeout",
        },
    ),
    "deep source": (
        "function handler(){return " + "(" * 20_000 + "1" + ")" * 20_000 + "}",
        {"source_invalid", "stack_overflow", "", "out_of_memory"},
    ),
    "toString that calls itself": (
        "function handler(){const o={toString(){return ''+o}};return ''+o}",
        {"stack_overflow"},
    ),
    # Answers and errors
    "throws": ("function handler(){throw new TypeError('bad day')}", {"threw"}),
    "throws nothing": ("function handler(){throw null}", {"threw"}),
    "throws a surrogate": ("function handler(){throw '\\ud800'}", {"threw"}),
    "does not parse": ("function handler({", {"source_invalid"}),
    "no handler": ("1", {"no_handler"}),
    "answers a function": ("function handler(){return ()=>1}", {"answer_not_json"}),
    "answers a symbol": ("function handler(){return Symbol('x')}", {"answer_not_json"}),
    "answers an integer too large": ("function handler(){return 1n}", {"threw"}),
    "answers a circle": ("function handler(){const a={};a.a=a;return a}", {"threw"}),
    "answers too much": ("function handler(){return 'x'.repeat(1e5)}", {"answer_too_large"}),
    "answers later": ("async function handler(){return 1}", {"threw"}),
    # Tampering
    "stringify": ("JSON.stringify=()=>'{';function handler(){return {a:1}}", {""}),
    "parse": ("JSON.parse=()=>{for(;;);};function handler(i){return i}", {""}),
    "prototype": ("Object.prototype.toJSON=()=>'x';function handler(){return {a:1}}", {""}),
    "then": ("Object.prototype.then=()=>1;function handler(){return {a:1}}", {"threw"}),
    "slice": (
        "String.prototype.slice=()=>{for(;;);};function handler(){console.log('x')}",
        {"timeout"},
    ),
    "run": ("__run=1;function handler(){return 5}", {"threw", ""}),
    "redefined run": (
        "Object.defineProperty(globalThis,'__run',{value:1});function handler(){return 5}",
        {"threw"},
    ),
    "console": ("console.log=1;console=2;function handler(){return 5}", {"", "threw"}),
    # Doors
    "import": ("function handler(){return import('os')}", {"threw"}),
    "static import": ("import os from 'os';function handler(){}", {"source_invalid"}),
    "waiting": (
        "function handler(){return Atomics.wait(new Int32Array(new SharedArrayBuffer(8)),0,0,9e9)}",
        {"threw", "out_of_memory"},
    ),
    "eval": ("function handler(){return eval('1+1')+Function('return 2')()}", {""}),
    "constructor": (
        "function handler(){return console.log.constructor('return typeof __log')()}",
        {""},
    ),
}
"""By name: the source, and the codes with which it may end. Empty is an answer."""

ABSENT: Final = (
    "std",
    "os",
    "process",
    "require",
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "WebAssembly",
    "Deno",
    "Bun",
    "setTimeout",
    "__log",
    "print",
    "scriptArgs",
    "module",
    "exports",
    "importScripts",
    "Worker",
    "navigator",
    "performance",
)
"""What a host might have left in reach."""
