"""Style sheet of the page at /; nothing is fetched from anywhere."""

STYLE = """
:root{color-scheme:light;--ink:#1f1f1f;--soft:#5f6368;--line:#e0e3e7;--blue:#0b57d0;--wash:#f8fafd}
*{box-sizing:border-box}body{margin:0;background:var(--wash);color:var(--ink);
font:15px/1.45 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
a{color:inherit;text-decoration:none}:focus-visible{outline:3px solid #a8c7fa;outline-offset:1px}
header{display:flex;flex-wrap:wrap;gap:12px 28px;align-items:center;padding:14px 24px}
h1{font-size:20px;font-weight:400;margin:0;display:flex;gap:10px;align-items:center;color:var(--soft)}
h1 i{display:inline-flex;gap:3px}h1 i b{width:10px;height:10px;border-radius:50%}
h2{font-size:18px;font-weight:400;margin:0}
nav{display:flex;flex-wrap:wrap;gap:8px;margin-left:auto}
nav a{display:flex;gap:8px;align-items:center;padding:5px 14px 5px 5px;border-radius:20px;
border:1px solid var(--line);background:#fff}
nav a b{width:28px;height:28px;border-radius:50%;background:#5f6368;color:#fff;display:grid;
place-items:center;font-weight:500}nav a[aria-current]{background:#d3e3fd;border-color:#d3e3fd}
nav a[aria-current] b{background:var(--blue)}.pages{margin:0}.pages a{padding:7px 16px}
.people{list-style:none;margin:0;padding:0}.people a{display:grid;gap:2px 16px;padding:9px 10px;border-radius:10px;
grid-template-columns:minmax(0,1.2fr) minmax(0,1.4fr) minmax(0,1fr) minmax(0,1.2fr);overflow-wrap:anywhere}
.people li+li{border-top:1px solid var(--line)}.people a:hover,.people a[aria-current]{background:var(--wash)}
.people small{display:block}aside li a{display:block;flex:1;padding:2px 10px;border-radius:10px}
aside li a[aria-current]{background:#d3e3fd}.pair{display:flex;gap:8px}.pair>:first-child{flex:1}.pair select{width:112px}
.two{display:grid;grid-template-columns:1fr 1fr;gap:8px}legend{font-size:13px;color:var(--soft);padding:0}
fieldset fieldset{gap:6px}
.frame{display:flex;gap:16px;padding:0 16px;align-items:flex-start}
aside{width:220px;flex:none;padding:4px 8px}aside h2{font-size:14px;font-weight:500;margin:24px 0 8px}
aside ul{list-style:none;margin:0;padding:0}aside li{display:flex;gap:10px;align-items:center;padding:4px 0}
aside li i{width:14px;height:14px;border-radius:4px;flex:none}aside p,small{color:var(--soft);font-size:13px}
.new{display:inline-flex;gap:12px;align-items:center;background:#fff;border-radius:16px;
padding:14px 22px 14px 16px;box-shadow:0 1px 3px rgba(60,64,67,.3),0 2px 8px rgba(60,64,67,.12);
font-weight:500}.new span{font-size:24px;line-height:1;color:var(--blue)}
main{flex:1;min-width:0;background:#fff;border-radius:20px;padding:14px 16px 18px}
.bar{display:flex;gap:8px;align-items:center;margin-bottom:10px}.bar h2{margin-left:8px}
.bar h2::first-letter{text-transform:uppercase}
.chipbutton{border:1px solid #747775;border-radius:18px;padding:6px 18px;font-weight:500}
.arrow{width:34px;height:34px;border-radius:50%;display:grid;place-items:center;font-size:24px;color:var(--soft)}
.arrow:hover,.chipbutton:hover,.day:hover{background:var(--wash)}
.grid{display:grid;grid-template-columns:repeat(7,minmax(0,1fr));border-left:1px solid var(--line)}
.heads{border:0;color:var(--soft);font-size:12px;text-align:center;text-transform:uppercase;padding-bottom:4px}
section{border:1px solid var(--line);border-width:1px 1px 0 0;min-height:112px;padding:4px;display:flex;
flex-direction:column;gap:3px}section:nth-last-child(-n+7){border-bottom-width:1px}
.day{align-self:center;min-width:28px;height:28px;line-height:28px;border-radius:14px;text-align:center;
font-size:13px}.day em{display:none;font-style:normal}
.other .day{color:#9aa0a6}.today .day{background:var(--blue);color:#fff}
.ev{border-radius:6px;padding:1px 8px;font-size:13px;overflow:hidden;overflow-wrap:anywhere;
display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}a.ev:hover{filter:brightness(.96)}
.whole{background:color-mix(in srgb,var(--c) 45%,white)}
.timed{padding-left:18px;position:relative}.timed::before{content:"";position:absolute;left:5px;top:7px;width:8px;
height:8px;border-radius:50%;background:var(--c)}a.timed:hover{background:var(--wash)}
time{color:var(--soft);font-variant-numeric:tabular-nums}
.panel{width:344px;flex:none;background:#fff;border-radius:20px;padding:18px 20px;
box-shadow:0 1px 3px rgba(60,64,67,.3),0 4px 12px rgba(60,64,67,.15)}
.top{display:flex;justify-content:space-between;align-items:center;margin-bottom:8px}
fieldset{border:0;margin:0;padding:0;display:grid;grid-template-columns:minmax(0,1fr);gap:12px;min-width:0}
label{display:grid;grid-template-columns:minmax(0,1fr);gap:4px;font-size:13px;color:var(--soft);min-width:0}
input,select,textarea{font:inherit;font-size:15px;color:var(--ink);border:1px solid #c4c7c5;border-radius:8px;
padding:7px 9px;background:#fff;width:100%}textarea{resize:vertical}
.check{display:flex;gap:10px;align-items:center;color:var(--ink);font-size:15px}
.check input{width:18px;height:18px;accent-color:var(--blue)}
.edge{display:flex;gap:8px;align-items:end}.edge label{flex:1}.edge .clock{width:128px;flex:none}
.panel:has(#allday:checked) .clock{display:none}
.row{display:flex;justify-content:space-between;margin-top:18px}
button{font:inherit;font-weight:500;border:0;border-radius:20px;padding:9px 24px;cursor:pointer}
.primary{background:var(--blue);color:#fff}.danger{background:none;color:#b3261e}.danger:hover{background:#fceeee}
.note{color:var(--soft);font-size:13px;margin:0 0 10px}.problem{color:#b3261e;margin:0 0 10px}
footer{color:var(--soft);font-size:13px;text-align:center;padding:18px}
@media(max-width:1100px){.frame{flex-wrap:wrap}.panel{width:100%;order:-1}aside{width:100%;display:flex;flex-wrap:wrap;
gap:8px 20px;align-items:center}aside h2{display:none}aside ul{display:flex;flex-wrap:wrap;gap:4px 16px}
main{flex-basis:100%}.people a{grid-template-columns:1fr 1fr}}
@media(max-width:700px){.grid.heads,section.empty:not(.today),section.other{display:none}.grid{display:block;border:0}
section{border-width:0 0 1px;min-height:0;padding:8px 0}.day{align-self:flex-start;padding:0 10px}
.day em{display:inline}
nav{margin-left:0}}
"""
