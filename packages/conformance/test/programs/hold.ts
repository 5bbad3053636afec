import { laws, matrixOf, matrixText, runLaws, type LawResult } from '@anydrive/conformance'
import { createStore, openMemory } from '@anydrive/memory'

export const hold = async (): Promise<ReadonlyArray<string>> => {
  const store = createStore()
  const open = () => openMemory({ store }) // a new provider object on the same drive
  const results: Array<LawResult> = []
  const few = laws.filter((law) => law.operation === 'list' || law.operation === 'readFile')
  for await (const result of runLaws({ capabilities: open().capabilities, open }, few)) {
    results.push(result)
    if (result.status === 'broken') console.error(result.law.name, result.why)
  }
  return matrixText(matrixOf(results))
}
