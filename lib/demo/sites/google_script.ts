/**
 * What runs in the browser on the demo world's results page: endless scrolling, the panel, the
 * link that is filled on mouse-over.
 *
 * @module
 */

/** What the script is told. */
export interface PageSettings {
  /** The address of further results, up to the number. */
  readonly next: string;
  /** How many results the page has. */
  readonly shown: number;
  /** How many there are. */
  readonly total: number;
  /** Whether a click opens the panel. */
  readonly panel: boolean;
  /** Whether further results come by scrolling, by the link, or not. */
  readonly scrolling: "endless" | "button" | "none";
}

/**
 * The page's own script.
 *
 * @param settings What it is told.
 */
export function pageScript(settings: PageSettings): string {
  return `(function(){
var settings=${JSON.stringify(settings).replaceAll("<", "\\u003c")};
var list=document.querySelector('[data-id="mosaic"]'),end=document.getElementById('end'),busy=false;
var more=document.querySelector('[jsname="oHxHid"]'),again=document.querySelector('[jsname="a79Lwf"]');
function update(){more.style.display=settings.scrolling==='button'&&settings.shown<settings.total?'':'none';}
function load(){
  if(busy||settings.shown>=settings.total)return;busy=true;again.style.display='none';
  fetch(settings.next+settings.shown).then(function(answer){if(!answer.ok)throw new Error('status '+answer.status);return answer.text();}).then(function(text){
    var box=document.createElement('div');box.innerHTML=text;
    var cards=box.querySelectorAll('[jsname="dTDiAc"]');
    for(var i=0;i<cards.length;i++)list.appendChild(cards[i].closest('.VifEQd')||cards[i]);
    settings.shown+=cards.length;busy=false;update();watch();
  }).catch(function(){again.style.display='';setTimeout(function(){busy=false;},300);});
}
function near(){return window.innerHeight+window.scrollY>=document.documentElement.scrollHeight-600;}
function watch(){if(window.scrollY>0&&settings.scrolling==='endless'&&near())load();}
addEventListener('scroll',watch);
if(settings.scrolling==='endless')new IntersectionObserver(function(seen){if(seen[0].isIntersecting&&window.scrollY>0)load();}).observe(end);
more.addEventListener('click',function(event){event.preventDefault();load();});
again.addEventListener('click',function(event){event.preventDefault();busy=false;load();});
update();
function ask(docid){return fetch('/async/imgv?docid='+encodeURIComponent(docid)).then(function(answer){return answer.text();}).then(function(text){return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text),function(c){return c.charCodeAt(0);})));});}
function cardOf(event){return event.target.closest&&event.target.closest('[jsname="dTDiAc"]:not([data-v])');}
function fill(card,found){var link=card.querySelector('[jsname="qQjpJ"] a');if(link)link.href=found.link;}
document.addEventListener('mouseover',function(event){var card=cardOf(event);if(!card||!settings.panel)return;
  ask(card.dataset.docid).then(function(found){fill(card,found);}).catch(function(){});});
document.addEventListener('click',function(event){var card=cardOf(event);
  if(!card||event.target.closest('a[target="_blank"]'))return;event.preventDefault();if(!settings.panel)return;
  ask(card.dataset.docid).then(function(found){fill(card,found);document.getElementById('panel').innerHTML=found.panel;}).catch(function(){});});
})();`;
}
