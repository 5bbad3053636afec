import { laws, matrixOf, matrixText, runLaws, type Verdict } from '@anydrive/conformance'
import { createStore, openMemory } from '@anydrive/memory'

export const hold = async (): Promise<ReadonlyArray<string>> => {
  const store = createStore()
  const open = () => openMemory({ store }) // a new provider object on the same drive
  const verdicts: Array<Verdict> = []
  const few = laws.filter((law) => law.operation === 'list' || law.operation === 'readFile')
  for await (const verdict of runLaws({ capabilities: open().capabilities, open }, few)) {
    verdicts.push(verdict)
    if (verdict.verdict === 'broken') console.error(verdict.law.name, verdict.why)
  }
  return matrixText(matrixOf(verdicts))
}
