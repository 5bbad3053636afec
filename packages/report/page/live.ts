// The script of the page of a migration under way: takes what has changed from the server, and says whether it is connected.
import { morph } from './morph'

const fragmentOf = (html: string): DocumentFragment => {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}

const show = (json: string): void => {
  for (const [id, html] of Object.entries(JSON.parse(json) as Readonly<Record<string, string>>)) {
    const holder = document.getElementById(id)
    if (holder !== null) morph(holder, fragmentOf(html))
  }
}

const say = (text: string): void => {
  const place = document.getElementById('connection')
  if (place !== null && place.textContent !== text) place.textContent = text
}

const events = new EventSource('events')
events.addEventListener('open', () => {
  say('Connected: this page shows changes as they happen.')
})
events.addEventListener('error', () => {
  say('Not connected: these are the last figures received. The page shows newer ones once the command serves it again.')
})
events.addEventListener('message', ({ data }: MessageEvent<string>) => {
  show(data)
})
